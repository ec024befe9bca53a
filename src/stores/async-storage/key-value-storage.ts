import { RefreshUnavailableError } from '../../errors.js';
import type { MaybePromise } from '../../types.js';

/** What keeps a text under a key: AsyncStorage and `localStorage`, or Expo SecureStore and what is like it. */
export type KeyValueStorage =
  | {
      getItem(key: string): MaybePromise<string | null>;
      setItem(key: string, value: string): MaybePromise<unknown>;
      removeItem(key: string): MaybePromise<unknown>;
    }
  | {
      getItemAsync(key: string): Promise<string | null>;
      setItemAsync(key: string, value: string): Promise<unknown>;
      deleteItemAsync(key: string): Promise<unknown>;
    };

/** The text under one key. */
export interface Entry {
  read(): MaybePromise<string | null>;
  write(text: string): MaybePromise<unknown>;
}

const SECURE_STORE_BYTES = 2_048;

/** @throws TypeError where the storage has neither kind of functions, or cannot have the key. */
export function entryOf(storage: KeyValueStorage, key: string): Entry {
  if (typeof key !== 'string' || key === '') throw new TypeError('key: must be a text that is not empty');
  if (has(storage, 'getItemAsync', 'setItemAsync')) {
    if (!/^[\w.-]+$/.test(key))
      throw new TypeError('key: SecureStore takes only letters, digits, ".", "-" and "_"');
    return {
      read: () => storage.getItemAsync(key),
      write(text) {
        if (bytesOf(text) > SECURE_STORE_BYTES)
          throw new RefreshUnavailableError(
            `The session's record is larger than the ${SECURE_STORE_BYTES} bytes of SecureStore`,
          );
        return storage.setItemAsync(key, text);
      },
    };
  }
  if (!has(storage, 'getItem', 'setItem'))
    throw new TypeError('storage: must have getItem and setItem, or getItemAsync and setItemAsync');
  return { read: () => storage.getItem(key), write: (text) => storage.setItem(key, text) };
}

type KindWith<N extends string> = Extract<KeyValueStorage, Record<N, unknown>>;

function has<N extends string>(storage: KeyValueStorage, read: N, write: string): storage is KindWith<N> {
  const functions = storage as unknown as Record<string, unknown> | null | undefined;
  return typeof functions?.[read] === 'function' && typeof functions[write] === 'function';
}

/** In UTF-8, which is what is stored; not every platform has a TextEncoder. */
function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
