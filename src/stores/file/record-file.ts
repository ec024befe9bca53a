import { constants } from 'node:fs';
import { lstat, open, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { RefreshUnavailableError } from '../../errors.js';
import type { SessionRecord } from '../../protocol/record.js';
import { isUnreadable, UnreadableRecordError } from '../../protocol/unreadable.js';
import { type RecordTexts, revisionIn } from '../sealing.js';
import { codeOf, unlessMissing } from './errno.js';
import { takeLock } from './lock.js';

const LONGEST_BYTES = 1_048_576;
/** Nobody is kept waiting longer by one who was stopped while saving; a session gives a save 3 s. */
const LEASE_MS = 2_000;
const TRIES = 5;
/** As Linux has it. */
const MOST_LINKS = 40;

/** Symbolic links are followed where they are the user's own: it is the file that is replaced, not a link. */
export async function placeOf(path: string): Promise<string> {
  let place = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const info = await unlessMissing(lstat(place));
    if (!info?.isSymbolicLink()) return place;
    if (process.getuid !== undefined && info.uid !== process.getuid())
      throw new RefreshUnavailableError("The session's file is behind a symbolic link of another user");
    const target = await readlink(place);
    // `..` of a folder that is a link is where that leads, not where the link is.
    const next = isAbsolute(target) ? target : `${dirname(place)}/${target}`;
    const folder = (await unlessMissing(realpath(dirname(next)))) ?? resolve(dirname(next));
    place = join(folder, basename(next));
  }
  throw new RefreshUnavailableError("The session's file is behind too many symbolic links");
}

/** Without a lock: a file is replaced as a whole. */
export async function readRecord(path: string, texts: RecordTexts): Promise<SessionRecord | undefined> {
  const text = await readText(path);
  return text === undefined ? undefined : texts.parse(text, await identityOf(path, texts));
}

/** What tells the file from every other, by whatever way to its folder it was named. */
async function identityOf(path: string, { sealed }: RecordTexts): Promise<string> {
  return sealed ? `file:${join(await realpath(dirname(path)), basename(path))}` : '';
}

async function readText(path: string): Promise<string | undefined> {
  // Not blocking: a named pipe must not hold a thread.
  const file = await unlessMissing(open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  if (!file) return undefined;
  try {
    const info = await file.stat();
    if (!info.isFile()) throw new RefreshUnavailableError("The session's file is no file");
    if (info.size > LONGEST_BYTES) throw new UnreadableRecordError();
    return textOf(await file.readFile());
  } finally {
    await file.close();
  }
}

/** Compares and replaces while nobody else does; atomic for readers and for a crash. */
export async function saveRecord(
  path: string,
  next: SessionRecord,
  ifRevision: number,
  texts: RecordTexts,
): Promise<boolean> {
  const text = await texts.format(next, await identityOf(path, texts));
  if (Buffer.byteLength(text) > LONGEST_BYTES)
    throw new RefreshUnavailableError(`The session's record is larger than ${LONGEST_BYTES} bytes`);
  for (let tries = 0; tries < TRIES; tries++) {
    const lock = await takeLock(`${path}.save`, LEASE_MS, { cargo: (file) => write(file, text) });
    try {
      if ((await standing(path)) !== ifRevision) return false;
      if (!(await lock.deliver(path))) continue;
    } finally {
      await lock.release();
    }
    await sync(dirname(path));
    return true;
  }
  throw new RefreshUnavailableError("The lock of the session's file was lost again and again");
}

/** The revision in the file; what cannot be read counts as nothing: a sign-in may write over it. */
async function standing(path: string): Promise<number> {
  try {
    return revisionIn((await readText(path)) ?? '');
  } catch (error) {
    if (isUnreadable(error)) return 0;
    throw error;
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableRecordError();
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What was renamed survives a loss of power; not every system can sync a folder. */
async function sync(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (codeOf(error) === 'EIO') throw error;
  }
}
