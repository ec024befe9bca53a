import { RefreshUnavailableError } from '../../errors.js';
import { transact } from '../../indexed-db.js';
import type { SessionRecord } from '../../protocol/record.js';
import { formatRecordText, parseRecordText } from '../../protocol/record-border.js';
import { UnreadableRecordError } from '../../protocol/unreadable.js';
import { Database, isFull, KEY, STORE } from './database.js';

/** The record in the database, and in memory what could not be kept there. */
export class Records {
  readonly database: Database;
  /** Newer than what the database holds, or all there is. */
  #memory: SessionRecord | undefined;

  constructor(name: string, missing: boolean) {
    this.database = new Database(name, missing);
  }

  get memoryOnly(): boolean {
    return this.database.missing || this.#memory !== undefined;
  }

  async load(): Promise<SessionRecord | undefined> {
    const found = await this.database.use(async (database) => {
      const kept = await transact(database, STORE, KEY);
      return { kept: this.#newest(recordOf(kept)) };
    });
    return found ? found.kept : this.#memory;
  }

  async save(next: SessionRecord, ifRevision: number): Promise<boolean> {
    const saved = await this.database.use((database) => this.#save(database, next, ifRevision));
    if (saved !== undefined) return saved;
    if ((this.#memory?.revision ?? 0) !== ifRevision) return false;
    this.#memory = next;
    return true;
  }

  async #save(database: IDBDatabase, next: SessionRecord, ifRevision: number): Promise<boolean> {
    let isNext = false;
    let kept: SessionRecord | undefined;
    try {
      await transact(database, STORE, KEY, (found) => {
        kept = readable(found);
        isNext = (this.#newest(kept)?.revision ?? 0) === ifRevision;
        return isNext ? formatRecordText(next) : undefined;
      });
      if (isNext) this.#memory = undefined;
      return isNext;
    } catch (error) {
      if (!isFull(error)) throw error;
      // Other pages would post again what a refresh spends: it must not begin.
      if (!this.#memory && kept?.id === next.id && !next.ended)
        throw new RefreshUnavailableError('The browser lets this site keep no more: its storage is full');
    }
    return this.#inMemory(database, next, kept);
  }

  /** What is replaced is removed, which needs no space: a reload must not bring it back. */
  async #inMemory(
    database: IDBDatabase,
    next: SessionRecord,
    kept: SessionRecord | undefined,
  ): Promise<boolean> {
    let isSame = false;
    await transact(database, STORE, KEY, (found) => {
      isSame = readable(found)?.revision === kept?.revision;
      return isSame && found !== undefined ? null : undefined;
    });
    if (isSame) this.#memory = next;
    return isSame;
  }

  /** Another page may have written since this one could not. */
  #newest(kept: SessionRecord | undefined): SessionRecord | undefined {
    if (this.#memory && kept && kept.revision >= this.#memory.revision) this.#memory = undefined;
    return this.#memory ?? kept;
  }
}

/** @throws UnreadableRecordError where it is no record of this version. */
function recordOf(kept: unknown): SessionRecord | undefined {
  if (kept === undefined) return undefined;
  const record = readable(kept);
  if (!record) throw new UnreadableRecordError();
  return record;
}

/** What cannot be read counts as nothing: a sign-in may write over it. */
function readable(kept: unknown): SessionRecord | undefined {
  return typeof kept === 'string' ? parseRecordText(kept) : undefined;
}
