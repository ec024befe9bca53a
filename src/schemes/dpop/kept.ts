import { generateKeyPair } from 'dpop';
import { RefreshUnavailableError } from '../../errors.js';
import { algOfPair, type KeyPair } from './key-pair.js';

/** Some browsers' IndexedDB hangs now and then: who waits is told after so many milliseconds. */
const LONGEST_MS = 5_000;
const STORE = 'keys';
const KEY = 'dpop';

/** The way to a key pair in IndexedDB, made at the first call; contexts that make one at once agree on it. */
export function keptPair(name: string): () => Promise<KeyPair> {
  let flight: Promise<KeyPair> | undefined;
  return () => {
    flight ??= inTime(pairOf(name)).catch((error: unknown) => {
      flight = undefined;
      throw error instanceof TypeError ? error : unavailable();
    });
    return flight;
  };
}

async function pairOf(name: string): Promise<KeyPair> {
  const { indexedDB } = globalThis;
  if (typeof indexedDB?.open !== 'function')
    throw new TypeError('dpopKey: `indexedDb` is not on this platform');
  const database = await open(indexedDB, name);
  try {
    if (!database.objectStoreNames.contains(STORE)) throw foreign();
    const kept =
      (await transact(database, undefined)) ?? (await transact(database, await generateKeyPair('ES256')));
    return checked(kept);
  } finally {
    database.close();
  }
}

function open(indexedDB: IDBFactory, name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error?.name === 'VersionError' ? foreign() : opening.error);
  });
}

/** What is kept; where nothing is and `fresh` is given, that, once it is written. One transaction: no tab comes between. */
function transact(database: IDBDatabase, fresh: KeyPair | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, fresh ? 'readwrite' : 'readonly');
    const keys = transaction.objectStore(STORE);
    const reading = keys.get(KEY);
    let kept: unknown;
    reading.onsuccess = () => {
      kept = reading.result ?? fresh;
      if (reading.result !== undefined || fresh === undefined) return;
      try {
        keys.put(fresh, KEY);
      } catch {
        transaction.abort();
      }
    };
    transaction.oncomplete = () => resolve(kept);
    transaction.onabort = () => reject(transaction.error);
  });
}

function checked(kept: unknown): KeyPair {
  try {
    if (algOfPair(kept as KeyPair) === 'ES256') return kept as KeyPair;
  } catch {
    // told below
  }
  throw foreign();
}

function foreign(): TypeError {
  return new TypeError('dpopKey: `indexedDb` names a database of something else');
}

function unavailable(): RefreshUnavailableError {
  return new RefreshUnavailableError('The DPoP key could not be had from IndexedDB: try later');
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(unavailable()), LONGEST_MS);
    const done = () => clearTimeout(timer);
    work.then(done, done);
    work.then(resolve, reject);
  });
}
