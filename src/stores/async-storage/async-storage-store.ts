import { isAuthError } from '../../errors.js';
import { createMutex } from '../../mutex.js';
import { andThen, isPromise } from '../../promise.js';
import type { TokenStore } from '../../session/store.js';
import { textRecord } from '../../text-record.js';
import type { MaybePromise } from '../../types.js';
import { entryOf, type KeyValueStorage } from './key-value-storage.js';
import { Reminder } from './reminder.js';

/**
 * Keeps the session in AsyncStorage, Expo SecureStore, a keychain adapter of their shape or `localStorage`. While a
 * keychain is locked the session goes on in memory and says so; what was not written is written when it opens.
 *
 * @param storage Expo SecureStore takes values of at most 2,048 bytes: a larger record is a `save-failed` event.
 * @param key Under which the record is kept; for SecureStore letters, digits, `.`, `-` and `_`.
 * @throws TypeError where `storage` has neither kind of functions, or `key` is none that it takes.
 * @example
 * ```ts
 * const session = createSession({ refresh, store: asyncStorageStore(SecureStore, 'session') });
 * ```
 */
export function asyncStorageStore(storage: KeyValueStorage, key: string): TokenStore {
  const entry = entryOf(storage, key);
  const inTurn = createMutex();
  const reminder = new Reminder();
  const { load, save } = textRecord(
    () => observed(entry.read, reminder),
    (text) =>
      andThen(
        observed(() => entry.write(text), reminder),
        () => reminder.opened(),
      ),
  );
  return {
    // The text is read, compared and written: not atomic where another context writes meanwhile.
    exclusive: false,
    load,
    save,
    turn: (task, options) => inTurn(() => task(new AbortController().signal), options?.signal),
    watch: (listener) => reminder.watch(listener),
  };
}

/** What fails now may work later: then whoever watches is to look again. What is too large stays so. */
function observed<T>(work: () => MaybePromise<T>, reminder: Reminder): MaybePromise<T> {
  const failed = (error: unknown): never => {
    if (!isAuthError(error)) reminder.failed();
    throw error;
  };
  try {
    const done = work();
    return isPromise(done) ? done.then(undefined, failed) : done;
  } catch (error) {
    return failed(error);
  }
}
