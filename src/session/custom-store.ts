import { createMutex } from '../mutex.js';
import { textRecord } from '../text-record.js';
import type { MaybePromise } from '../types.js';
import type { TokenStore } from './store.js';

/** Where the text of a {@link customStore} rests. */
export interface CustomStoreOptions {
  /** The text last written; null, undefined and '' where there is none. */
  read(): MaybePromise<string | null | undefined>;
  /** Keeps the text. @default none: the store is read-only and the session never refreshes */
  write?(text: string): MaybePromise<unknown>;
  /** Runs the work while no other context that shares the place runs its own. @default one at a time in this context */
  lock?<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
  /** Calls back when the text may have changed; returns the way to stop. */
  watch?(listener: () => void): () => void;
}

/**
 * A store from text: a cookie, a keychain, a file. Without `write` it is read-only: the session never refreshes
 * what it could not keep.
 *
 * @throws TypeError where a member is no function.
 * @example
 * ```ts
 * const store = customStore({ read: () => keychain.get('session'), write: (text) => keychain.set('session', text) });
 * ```
 */
export function customStore(of: CustomStoreOptions): TokenStore {
  assertFunctions(of);
  const inTurn = createMutex();
  const { load, save } = textRecord(
    () => of.read(),
    (text) => of.write?.(text),
  );
  return {
    // The text is read, compared and written: not atomic where another context writes meanwhile.
    exclusive: false,
    load,
    save: (next, ifRevision) => (of.write ? save(next, ifRevision) : false),
    turn: (task, options) =>
      inTurn(() => locked(of, () => task(new AbortController().signal), options?.signal), options?.signal),
    ...(of.write ? {} : { readOnly: true }),
    ...(of.watch ? { watch: (listener: () => void) => of.watch?.(listener) ?? (() => {}) } : {}),
  };
}

/** What the work brings is kept here: a lock need not hand it on. */
async function locked<T>(
  of: CustomStoreOptions,
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!of.lock) return work();
  let done: { value: T } | undefined;
  await of.lock(async () => {
    const value = await work();
    done = { value };
    return value;
  }, signal);
  if (!done) throw new Error('The lock did not run the work');
  return done.value;
}

function assertFunctions(of: CustomStoreOptions): void {
  if (typeof of?.read !== 'function') throw new TypeError('read: must be a function');
  for (const name of ['write', 'lock', 'watch'] as const) {
    if (of[name] !== undefined && typeof of[name] !== 'function') {
      throw new TypeError(`${name}: must be a function`);
    }
  }
}
