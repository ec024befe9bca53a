import { type FSWatcher, lstatSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Not every file system tells of changes, and none whose folder is not there yet. */
const POLL_MS = 2_000;

/** Calls back when the file was replaced; keeps no process alive. */
export function watchFile(path: string, changed: () => void): () => void {
  let seen = signatureOf(path);
  let watcher: FSWatcher | undefined;
  const check = () => {
    const now = signatureOf(path);
    if (now === seen) return;
    seen = now;
    try {
      changed();
    } catch {
      // it has nobody to tell
    }
  };
  const listen = () => {
    // Deno's keeps the process alive once it has told of something.
    if ('Deno' in globalThis) return;
    try {
      // The folder: a file that is replaced is another one.
      watcher = watch(dirname(path), { persistent: false }, (_, name) => {
        if (name === null || name === basename(path)) check();
      });
      watcher.on('error', () => {
        watcher?.close();
        watcher = undefined;
      });
    } catch {
      // the timer looks
    }
  };
  listen();
  const timer = setInterval(() => {
    if (!watcher) listen();
    check();
  }, POLL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    watcher?.close();
    watcher = undefined;
  };
}

/** Another one for every file that ever stands there. */
function signatureOf(path: string): string {
  try {
    const link = lstatSync(path, { bigint: true });
    const { ino, mtimeNs, size } = link.isSymbolicLink() ? statSync(path, { bigint: true }) : link;
    return `${ino}:${mtimeNs}:${size}`;
  } catch {
    return 'none';
  }
}
