import type { SessionRecord } from '../protocol/record.js';
import { formatRecordText, parseRecordText } from '../protocol/record-border.js';
import { UnreadableRecordError } from '../protocol/unreadable.js';
import type { MaybePromise } from '../types.js';

/** What rests at a server: a text, and beside it the revision, which the server compares. */
export interface Row {
  readonly revision: number;
  readonly text: string;
}

/** The one way of a record into a {@link Row}, and back. */
export interface RecordText {
  write(record: SessionRecord): MaybePromise<string>;
  /** Throws, or rejects with, an UnreadableRecordError where it is no record, or that of another revision. */
  read(row: Row): MaybePromise<SessionRecord>;
}

/** As JSON. */
export const plainText: RecordText = {
  write: formatRecordText,
  read({ text, revision }) {
    const record = parseRecordText(text);
    if (record?.revision !== revision) throw new UnreadableRecordError();
    return record;
  },
};
