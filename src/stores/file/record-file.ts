import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { SessionRecord } from '../../protocol/record.js';
import { formatRecordText, parseRecordText } from '../../protocol/record-border.js';
import { UnreadableRecordError } from '../../protocol/unreadable.js';
import { revisionOf } from '../../text-record.js';
import { codeOf, unlessMissing } from './errno.js';
import { takeLock } from './lock.js';

const LONGEST_BYTES = 1_048_576;
/** Nobody is kept waiting longer by one who was stopped while saving; a session gives a save 3 s. */
const LEASE_MS = 2_000;
const TRIES = 5;

/** A symbolic link is followed where it is the user's own: it is the file that is replaced, not the link. */
export async function placeOf(path: string): Promise<string> {
  const info = await unlessMissing(lstat(path));
  if (!info?.isSymbolicLink()) return path;
  if (process.getuid !== undefined && info.uid !== process.getuid())
    throw new Error('The path is a symbolic link of another user');
  return resolve(dirname(path), await readlink(path));
}

/** Without a lock: a file is replaced as a whole. */
export async function readRecord(path: string): Promise<SessionRecord | undefined> {
  // Not blocking: a named pipe must not hold a thread.
  const file = await unlessMissing(open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  if (!file) return undefined;
  try {
    const info = await file.stat();
    if (!info.isFile()) throw new Error('The path is no file');
    if (info.size > LONGEST_BYTES) throw new UnreadableRecordError();
    const record = parseRecordText(textOf(await file.readFile()));
    if (!record) throw new UnreadableRecordError();
    return record;
  } finally {
    await file.close();
  }
}

/** Compares and replaces while nobody else does; atomic for readers and for a crash. */
export async function saveRecord(path: string, next: SessionRecord, ifRevision: number): Promise<boolean> {
  const text = formatRecordText(next);
  for (let tries = 0; tries < TRIES; tries++) {
    const lock = await takeLock(`${path}.save`, LEASE_MS, { cargo: (file) => write(file, text) });
    try {
      if ((await revisionOf(() => readRecord(path))) !== ifRevision) return false;
      if (!(await lock.deliver(path))) continue;
    } finally {
      await lock.release();
    }
    await sync(dirname(path));
    return true;
  }
  throw new Error('The lock of the file was lost again and again');
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
