import { vi } from 'vitest';
import { openDatabase, transact } from '../../src/indexed-db.js';
import type { TokenStore } from '../../src/session/store.js';
import { webStore } from '../../src/stores/web/web-store.js';
import { type WebPage, webPage } from '../support/web-page.ts';
import type { Faults } from './contract/tools.ts';

export const PLACE = 'latchkey:session';

interface Made {
  readonly a: TokenStore;
  readonly b: TokenStore;
  readonly page: WebPage;
}

/** Two tabs of one profile. */
export async function twoWebStores(): Promise<Made> {
  const page = webPage();
  const store = (tab: string) => {
    page.tab(tab);
    return webStore('session');
  };
  return { a: store('a'), b: store('b'), page };
}

/** What stands in the database; with `value` that is put there first. */
export async function stored(value?: unknown): Promise<unknown> {
  const database = await openDatabase(indexedDB, PLACE, 'session');
  try {
    return await transact(database, 'session', 'record', () => value);
  } finally {
    database.close();
  }
}

/** A request that fails as the browser says it. */
export function failing(name: string): IDBOpenDBRequest {
  const request = { error: new DOMException('the browser says so', name) } as unknown as IDBOpenDBRequest;
  setImmediate(() => request.onerror?.(new Event('error')));
  return request;
}

export const webFaults: Faults<Made> = {
  put: (_, text) => stored(text),
  fail: () => {
    const open = vi.spyOn(indexedDB, 'open').mockImplementation(() => failing('UnknownError'));
    return () => open.mockRestore();
  },
  hang: () => {
    const { open } = indexedDB;
    const waiting: (() => void)[] = [];
    const spy = vi.spyOn(indexedDB, 'open').mockImplementation((...about) => {
      const request = {} as { onsuccess?: (event: Event) => void; result?: IDBDatabase };
      waiting.push(() => {
        const opening = open.apply(indexedDB, about);
        opening.onsuccess = (event) => {
          request.result = opening.result;
          request.onsuccess?.(event);
        };
      });
      return request as IDBOpenDBRequest;
    });
    return () => {
      spy.mockRestore();
      for (const begin of waiting) begin();
    };
  },
  lose: ({ page }) => page.locks.client('thief').request(PLACE, { steal: true }, async () => {}),
};
