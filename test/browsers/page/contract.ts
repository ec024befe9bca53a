// The contract of stores, run where webStore runs.
import { webStore } from 'latchkey/stores/web';
import type { Faults } from '../../stores/contract/tools.ts';
import { storeContract } from '../../stores/contract.ts';

let places = 0;

interface Made {
  readonly a: ReturnType<typeof webStore>;
  readonly b: ReturnType<typeof webStore>;
  readonly name: string;
}

async function make(): Promise<Made> {
  const name = `contract-${++places}`;
  return { a: webStore(name), b: webStore(name), name };
}

const { open } = IDBFactory.prototype;
const mend = () => {
  IDBFactory.prototype.open = open;
};

const faults: Faults<Made> = {
  put: ({ name }, text) =>
    new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open(`latchkey:${name}`);
      opening.onupgradeneeded = () => opening.result.createObjectStore('session');
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const transaction = opening.result.transaction('session', 'readwrite');
        transaction.objectStore('session').put(text, 'record');
        transaction.oncomplete = () => {
          opening.result.close();
          resolve();
        };
      };
    }),
  fail: () => {
    IDBFactory.prototype.open = () => {
      const request = { error: new DOMException('fails', 'UnknownError') } as unknown as IDBOpenDBRequest;
      setTimeout(() => request.onerror?.(new Event('error')), 0);
      return request;
    };
    return mend;
  },
  hang: () => {
    const waiting: (() => void)[] = [];
    IDBFactory.prototype.open = function (this: IDBFactory, ...about) {
      const request = {} as { onsuccess?: (event: Event) => void; result?: IDBDatabase };
      waiting.push(() => {
        const opening = open.apply(this, about);
        opening.onsuccess = (event) => {
          request.result = opening.result;
          request.onsuccess?.(event);
        };
      });
      return request as IDBOpenDBRequest;
    };
    return () => {
      mend();
      for (const begin of waiting) begin();
    };
  },
  lose: ({ name }) => navigator.locks.request(`latchkey:${name}`, { steal: true }, async () => {}),
};

async function contract(): Promise<{ name: string; error: string | undefined }[]> {
  const results = [];
  for (const { name, run } of storeContract(make, faults)) {
    const error = await run().then(
      () => undefined,
      (failed: unknown) => String(failed),
    );
    results.push({ name, error });
  }
  return results;
}

export type Contract = typeof contract;
Object.assign(globalThis, { contract });
