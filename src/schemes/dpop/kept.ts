import { generateKeyPair } from 'dpop';
import { RefreshUnavailableError } from '../../errors.js';
import { openDatabase, transact } from '../../indexed-db.js';
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
  const database = await openDatabase(indexedDB, name, STORE, 1).catch((error: unknown) => {
    throw (error as DOMException | null)?.name === 'VersionError' ? foreign() : error;
  });
  try {
    if (!database.objectStoreNames.contains(STORE)) throw foreign();
    const kept = await transact(database, STORE, KEY);
    if (kept !== undefined) return checked(kept);
    const fresh = await generateKeyPair('ES256');
    // Where another tab has been quicker, its key is taken.
    return checked(
      await transact(database, STORE, KEY, (found) => (found === undefined ? fresh : undefined)),
    );
  } finally {
    database.close();
  }
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
