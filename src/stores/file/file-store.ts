import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createMutex } from '../../mutex.js';
import type { TokenStore } from '../../session/store.js';
import type { Encrypt } from '../encryption-keys.js';
import { recordTexts } from '../sealing.js';
import { telling } from './errno.js';
import { sweep } from './lock.js';
import { placeOf, readRecord, saveRecord } from './record-file.js';
import { createTurns } from './turn.js';
import { watchFile } from './watch-file.js';

/** What {@link fileStore} takes. */
export interface FileStoreOptions {
  /**
   * Encrypts the record (AES-GCM), bound to the file's path and the record's revision. Of several keys the first
   * encrypts and every one decrypts: what an old key decrypts is encrypted with the new one at the next save. A member that
   * is there and undefined is a TypeError. @default none: plain text
   *
   * @example
   * ```ts
   * fileStore(path, { encrypt: [Buffer.from(newKey, 'base64'), Buffer.from(oldKey, 'base64')] });
   * ```
   */
  readonly encrypt?: Encrypt;
}

/**
 * Keeps the session in a file, for command-line tools and desktop apps: Node, Bun, Deno. Processes that share the file
 * share the sign-in, and one of them refreshes. What it writes has mode 0600 and is plain text, unless `encrypt` is given.
 *
 * @param path The file. A folder that is missing is created with mode 0700; beside the file there are `<path>.turn` and
 * `<path>.save` while somebody has the turn or saves.
 * @throws TypeError where `path` is no text or begins with `~/`, or `encrypt` holds no usable key.
 * @example
 * ```ts
 * const session = createSession({ refresh, store: fileStore(`${homedir()}/.config/tool/session.json`) });
 * ```
 */
export function fileStore(path: string, options?: FileStoreOptions): TokenStore {
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw new TypeError('path: must be the path of a file');
  // It would be a folder of that name.
  if (/^~[/\\]/.test(path)) throw new TypeError("path: `~` is the shell's; take homedir() of node:os");
  const texts = recordTexts(options);
  const file = resolve(path);
  const turns = createTurns();
  const saving = createMutex();
  let swept = false;

  /** Where the file is; once, what processes that were killed have left beside it is removed. */
  const prepared = async () => {
    const place = await placeOf(file);
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    if (!swept) {
      swept = true;
      await sweep(place);
    }
    return place;
  };
  /** A turn that was slept through is known for lost before anything is made of an answer. */
  const awake = <T>(work: Promise<T>): Promise<T> => work.finally(turns.check);
  return {
    exclusive: true,
    load: () => awake(telling('read', async () => readRecord(await placeOf(file), texts))),
    save: (next, ifRevision) =>
      awake(
        saving(() => telling('written', async () => saveRecord(await prepared(), next, ifRevision, texts))),
      ),
    turn: (task, options) => turns.turn(prepared, task, options?.signal),
    watch: (listener) => watchFile(file, listener),
  };
}
