import type { SessionRecord } from '../protocol/record.js';
import { UnreadableRecordError } from '../protocol/unreadable.js';
import type { MaybePromise } from '../types.js';
import type { Encrypt } from './encryption-keys.js';
import { recordTexts } from './sealing.js';

/** What rests at a server: a text, and beside it the revision, which the server compares. */
export interface Row {
  readonly revision: number;
  readonly text: string;
}

/** The one way of a record into a {@link Row}, and back. */
export interface RecordText {
  write(record: SessionRecord): MaybePromise<string>;
  /** Rejects with an UnreadableRecordError where it is no record, or that of another revision. */
  read(row: Row): Promise<SessionRecord>;
}

/**
 * As JSON, encrypted where there are keys.
 *
 * @param place What tells this place from every other.
 * @throws TypeError where `encrypt` is there and holds no usable key.
 */
export function recordTextOf(options: { readonly encrypt?: Encrypt } | undefined, place: string): RecordText {
  const texts = recordTexts(options);
  return {
    write: (record) => texts.format(record, place),
    async read({ text, revision }) {
      const record = await texts.parse(text, place, revision);
      if (record.revision !== revision) throw new UnreadableRecordError();
      return record;
    },
  };
}
