import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { reasonOf } from '../../promise.js';
import { codeOf, unlessMissing } from './errno.js';
import { thisProcess } from './process-facts.js';
import { HOLDER, Suspicion } from './suspicion.js';

const CARGO = 'next-';
const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 80;
const LEFT_BEHIND_MS = 600_000;

export interface Lock {
  /** Moves what was prepared to where it belongs, if the lock is still held: false: it was taken over. */
  deliver(to: string): Promise<boolean>;
  /** Says that the holder is alive; false: it was taken over. */
  renew(): Promise<boolean>;
  /** Ends nobody else's. */
  release(): Promise<void>;
}

/**
 * A folder that is prepared aside and renamed into place, which fails where a folder with something in it is. The files
 * in it have names of their own, so whoever removes or delivers one by its path means that very holder.
 */
export async function takeLock(
  path: string,
  leaseMs: number,
  options: {
    /** Writes what {@link Lock.deliver} delivers. */
    readonly cargo?: ((file: string) => Promise<void>) | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<Lock> {
  const { cargo, signal } = options;
  const name = randomUUID();
  const aside = `${path}-${name}`;
  const lock = lockOf(path, name);
  try {
    await mkdir(aside, { mode: 0o700 });
    await writeFile(join(aside, HOLDER + name), JSON.stringify(await thisProcess()), { mode: 0o600 });
    await cargo?.(join(aside, CARGO + name));
    const suspicion = new Suspicion(path, leaseMs);
    for (let tries = 0; !(await placed(aside, path, signal)); tries++)
      if (!(await suspicion.resolved())) await pause(tries);
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
  if (!signal?.aborted) return lock;
  await lock.release();
  throw reasonOf(signal);
}

function lockOf(path: string, name: string): Lock {
  const holder = join(path, HOLDER + name);
  const done = async (work: Promise<unknown>) => (await unlessMissing(work.then(() => true))) ?? false;
  return {
    deliver: (to) => done(rename(join(path, CARGO + name), to)),
    renew: () => {
      const now = new Date();
      return done(utimes(holder, now, now));
    },
    async release() {
      await unlink(join(path, CARGO + name)).catch(() => {});
      await unlink(holder).catch(() => {});
      // Where somebody is inside already it is not empty, and stays.
      await rmdir(path).catch(() => {});
    },
  };
}

async function placed(
  aside: string,
  path: string,
  signal: AbortSignal | undefined,
  again = 3,
): Promise<boolean> {
  if (signal?.aborted) throw reasonOf(signal);
  try {
    await rename(aside, path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    // Windows says EPERM. Where nothing is in the way it was just released, or EPERM means what it says: then it is said again.
    if (code === 'EPERM' || code === 'EACCES') {
      const there = await unlessMissing(stat(path));
      if (there?.isDirectory()) return false;
      if (!there && again > 0) return placed(aside, path, signal, again - 1);
    }
    throw error;
  }
}

/** A little longer each time, and never in step with others. */
function pause(tries: number): Promise<void> {
  const ms = Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS) * (0.5 + Math.random());
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Removes what processes that were killed have prepared beside the file and never put into place. */
export async function sweep(path: string): Promise<void> {
  const before = Date.now() - LEFT_BEHIND_MS;
  const mine = [`${basename(path)}.save-`, `${basename(path)}.turn-`];
  try {
    for (const name of await readdir(dirname(path))) {
      if (!mine.some((start) => name.startsWith(start))) continue;
      const left = join(dirname(path), name);
      if ((await stat(left)).mtimeMs < before) await rm(left, { recursive: true, force: true });
    }
  } catch {
    // another one is sweeping, or nothing can be removed here
  }
}
