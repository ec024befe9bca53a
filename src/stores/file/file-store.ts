import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createMutex } from '../../mutex.js';
import type { TokenStore } from '../../session/store.js';
import { sweep } from './lock.js';
import { placeOf, readRecord, saveRecord } from './record-file.js';
import { holdTurn } from './turn.js';
import { watchFile } from './watch-file.js';

/**
 * Keeps the session in a file, for command-line tools and desktop apps: Node, Bun, Deno. Processes that share the file
 * share the sign-in, and one of them refreshes. What it writes is plain text, with mode 0600.
 *
 * @param path The file. A folder that is missing is created with mode 0700; beside the file there are `<path>.turn` and
 * `<path>.save` while somebody has the turn or saves.
 * @throws TypeError where `path` is no text.
 * @example
 * ```ts
 * const session = createSession({ refresh, store: fileStore(`${homedir()}/.config/tool/session.json`) });
 * ```
 */
export function fileStore(path: string): TokenStore {
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw new TypeError('path: must be the path of a file');
  const file = resolve(path);
  const inTurn = createMutex();
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
  return {
    exclusive: true,
    load: async () => readRecord(await placeOf(file)),
    save: (next, ifRevision) => saving(async () => saveRecord(await prepared(), next, ifRevision)),
    turn: (task, options) =>
      inTurn(async () => holdTurn(await prepared(), task, options?.signal), options?.signal),
    watch: (listener) => watchFile(file, listener),
  };
}
