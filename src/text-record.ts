import { createMutex } from './mutex.js';
import { isPromise } from './promise.js';
import type { SessionRecord } from './protocol/record.js';
import { formatRecordText, parseRecordText } from './protocol/record-border.js';
import { isUnreadable, UnreadableRecordError } from './protocol/unreadable.js';
import type { MaybePromise } from './types.js';

/** A record that rests as text: it is compared and written by one save at a time. */
export interface TextRecord {
  load(): MaybePromise<SessionRecord | undefined>;
  save(next: SessionRecord, ifRevision: number): Promise<boolean>;
}

/** Atomic in this JavaScript context: another one may write between the reading and the writing. */
export function textRecord(
  read: () => MaybePromise<unknown>,
  write: (text: string) => MaybePromise<unknown>,
): TextRecord {
  const saving = createMutex();
  const load = () => {
    const text = read();
    return isPromise(text) ? text.then(recordOf) : recordOf(text);
  };
  const save = async (next: SessionRecord, ifRevision: number) => {
    if ((await revisionOf(load)) !== ifRevision) return false;
    await write(formatRecordText(next));
    return true;
  };
  return { load, save: (next, ifRevision) => saving(() => save(next, ifRevision)) };
}

/** @throws UnreadableRecordError where the text is no record of this version. */
function recordOf(text: unknown): SessionRecord | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  const record = typeof text === 'string' ? parseRecordText(text) : undefined;
  if (!record) throw new UnreadableRecordError();
  return record;
}

/** What cannot be read counts as nothing: a sign-in may write over it. */
async function revisionOf(load: () => MaybePromise<SessionRecord | undefined>): Promise<number> {
  try {
    return (await load())?.revision ?? 0;
  } catch (error) {
    if (isUnreadable(error)) return 0;
    throw error;
  }
}
