import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dpopKeyCore } from '../../../src/protocol/dpop-key.js';
import { type DpopKey, dpopKey } from '../../../src/schemes/dpop/index.js';
import { deferred } from '../../support/deferred.js';
import { proofChecker } from '../../support/dpop-proof.js';

beforeEach(() => vi.stubGlobal('indexedDB', new IDBFactory()));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const url = 'https://api.example.com/x';
const proofOf = (key: DpopKey) => key[dpopKeyCore].prove({ method: 'GET', url, nonce: undefined });
const thumbprint = async (key: DpopKey) =>
  (await proofChecker()({ method: 'GET', url, headers: new Headers({ dpop: await proofOf(key) }) })).jkt;
const { subtle } = globalThis.crypto;

/** A database as something else would make it. */
function database(name: string, version: number, upgrade: (made: IDBDatabase) => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, version);
    opening.onupgradeneeded = () => upgrade(opening.result);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

describe('dpopKey({ indexedDb })', () => {
  it('keeps the key across reloads; another name is another key', async () => {
    const first = await thumbprint(dpopKey({ indexedDb: 'app' }));
    expect(await thumbprint(dpopKey({ indexedDb: 'app' }))).toBe(first);
    expect(await thumbprint(dpopKey({ indexedDb: 'other' }))).not.toBe(first);
  });

  it('keeps a private key that cannot be read out', async () => {
    await proofOf(dpopKey({ indexedDb: 'app' }));
    const made = await database('app', 1, () => {});
    const [pair] = await new Promise<CryptoKeyPair[]>((resolve) => {
      const reading = made.transaction('keys').objectStore('keys').getAll();
      reading.onsuccess = () => resolve(reading.result);
    });
    expect(pair?.privateKey.extractable).toBe(false);
    await expect(subtle.exportKey('jwk', pair?.privateKey as CryptoKey)).rejects.toThrow();
  });

  it('opens nothing before the first proof, and leaves no connection open', async () => {
    const open = vi.spyOn(indexedDB, 'open');
    const key = dpopKey({ indexedDb: 'app' });
    expect([key.alg, open.mock.calls.length]).toEqual(['ES256', 0]);
    await Promise.all([proofOf(key), proofOf(key)]);
    await proofOf(key);
    expect(open).toHaveBeenCalledTimes(1);
    await new Promise<void>((resolve, reject) => {
      const deleting = indexedDB.deleteDatabase('app');
      deleting.onsuccess = () => resolve();
      deleting.onblocked = () => reject(new Error('a connection is open'));
    });
  });

  it('agrees on one key where two tabs make one at once', async () => {
    const generate = subtle.generateKey.bind(subtle);
    const both = deferred<void>();
    let begun = 0;
    // each has seen an empty database before either writes
    vi.spyOn(subtle, 'generateKey').mockImplementation((async (...given: Parameters<typeof generate>) => {
      if (++begun === 2) both.resolve();
      await both.promise;
      return generate(...given);
    }) as never);
    const tabs = [dpopKey({ indexedDb: 'app' }), dpopKey({ indexedDb: 'app' })];
    const [one, other] = await Promise.all(tabs.map(thumbprint));
    expect(begun).toBe(2);
    expect(other).toBe(one);
    expect(await thumbprint(dpopKey({ indexedDb: 'app' }))).toBe(one);
  });

  it('makes another key where the database was cleared, after a reload', async () => {
    const key = dpopKey({ indexedDb: 'app' });
    const first = await thumbprint(key);
    await new Promise((resolve) => {
      indexedDB.deleteDatabase('app').onsuccess = resolve;
    });
    expect(await thumbprint(key)).toBe(first);
    expect(await thumbprint(dpopKey({ indexedDb: 'app' }))).not.toBe(first);
  });

  it('never writes over a database of something else', async () => {
    const foreign = 'dpopKey: `indexedDb` names a database of something else';
    (await database('newer', 7, (made) => made.createObjectStore('notes'))).close();
    (await database('without', 1, (made) => made.createObjectStore('notes'))).close();
    const made = await database('taken', 1, (upgrading) =>
      upgrading.createObjectStore('keys').put('mine', 'dpop'),
    );
    made.close();
    for (const name of ['newer', 'without', 'taken']) {
      const key = dpopKey({ indexedDb: name });
      await expect(proofOf(key), name).rejects.toThrow(new TypeError(foreign));
    }
    expect((await database('newer', 7, () => {})).objectStoreNames).toContain('notes');
  });

  it('takes no key of another algorithm than it says', async () => {
    const pair = await subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
    (await database('app', 1, (made) => made.createObjectStore('keys').put(pair, 'dpop'))).close();
    await expect(proofOf(dpopKey({ indexedDb: 'app' }))).rejects.toThrow('something else');
  });

  it('is a TypeError where the platform has no IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined);
    const error = await proofOf(dpopKey({ indexedDb: 'app' })).catch((thrown: unknown) => thrown);
    expect(error).toEqual(new TypeError('dpopKey: `indexedDb` is not on this platform'));
  });

  it.each([
    [
      'cannot be opened',
      () =>
        vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
          throw new DOMException('secret text', 'SecurityError');
        }),
    ],
    [
      'cannot write, as in a private window',
      () =>
        vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
          throw new DOMException('secret text', 'DataCloneError');
        }),
    ],
  ])('is unavailable where IndexedDB %s, and tries again at the next use', async (_, fail) => {
    fail();
    const key = dpopKey({ indexedDb: 'app' });
    const error = await proofOf(key).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'refresh-unavailable', signInRequired: false });
    expect(String(error)).not.toContain('secret');
    expect(await thumbprint(key)).toBe(await thumbprint(dpopKey({ indexedDb: 'app' })));
  });

  it('is unavailable where IndexedDB hangs: after 5 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const open = vi.spyOn(indexedDB, 'open').mockReturnValue({} as never);
    const key = dpopKey({ indexedDb: 'app' });
    const waiting = Promise.allSettled([proofOf(key), proofOf(key)]);
    await vi.advanceTimersByTimeAsync(5_000);
    for (const settled of await waiting) {
      expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'refresh-unavailable' } });
    }
    expect(open).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
