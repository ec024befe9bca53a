import { openDatabase } from '../../indexed-db.js';

export const STORE = 'session';
export const KEY = 'record';

/** An IndexedDB that has not opened for so long, since it was first asked, is taken for broken, in milliseconds. */
const BROKEN_MS = 10_000;
/** What browsers say where they will never let this page have a database. */
const REFUSALS: readonly unknown[] = [
  'SecurityError',
  'InvalidStateError',
  'NotSupportedError',
  'QuotaExceededError',
];

/**
 * The way to the database. It is opened for one operation at a time: nothing that stays open keeps a page out of the
 * back/forward cache, holds up who deletes the database, or is dead when the browser has cleared it.
 */
export class Database {
  readonly #name: string;
  #firstAsked: number | undefined;
  /** It could be had: from then on its failures are failures, not its absence. */
  #found = false;
  /** There is none for this page, and no other page has anything to do with this one. */
  missing: boolean;

  constructor(name: string, missing: boolean) {
    this.#name = name;
    this.missing = missing;
  }

  /** undefined: there is none. */
  async use<T>(work: (database: IDBDatabase) => Promise<T>): Promise<T | undefined> {
    const database = await this.#open();
    if (!database) return undefined;
    try {
      return await work(database);
    } finally {
      database.close();
    }
  }

  async #open(): Promise<IDBDatabase | undefined> {
    if (this.missing) return undefined;
    this.#firstAsked ??= performance.now();
    const until = this.#firstAsked + BROKEN_MS;
    try {
      const opening = opened(this.#name);
      const database = this.#found ? await opening : await unless(opening, until);
      this.#found = true;
      return database;
    } catch (error) {
      if (this.#found || !(isRefusal(error) || performance.now() >= until)) throw error;
      this.missing = true;
      return undefined;
    }
  }
}

async function opened(name: string): Promise<IDBDatabase> {
  // Where storage is disabled, looking at it may throw.
  const { indexedDB } = globalThis as { indexedDB?: IDBFactory };
  if (!indexedDB) throw refusal();
  const database = await openDatabase(indexedDB, name, STORE);
  if (database.objectStoreNames.contains(STORE)) return database;
  // Left behind by a browser that crashed while it made the database.
  database.close();
  return openDatabase(indexedDB, name, STORE, database.version + 1);
}

/** Rejects at `until`; what is opened later is closed. */
function unless(opening: Promise<IDBDatabase>, until: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const late = () => {
      isLate = true;
      reject(refusal());
    };
    const timer = setTimeout(late, Math.max(0, until - performance.now()));
    opening.then(
      (database) => {
        clearTimeout(timer);
        if (isLate) database.close();
        resolve(database);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

function refusal(): Error {
  return Object.assign(new Error('There is no IndexedDB for this page'), { name: 'NotSupportedError' });
}

function isRefusal(error: unknown): boolean {
  return REFUSALS.includes((error as { name?: unknown } | null | undefined)?.name);
}

/** The origin may keep no more, or the disk is full. */
export function isFull(error: unknown): boolean {
  return (error as { name?: unknown } | null | undefined)?.name === 'QuotaExceededError';
}
