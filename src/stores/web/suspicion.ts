import type { SessionRecord } from '../../protocol/record.js';
import type { Records } from './records.js';

/** Whose time is over: the record of a holder that stamped it; undefined where nobody holds the lock. */
export interface Overdue {
  readonly record: SessionRecord | undefined;
}

/**
 * What one who waits thinks of the holder of the lock. Its time is over where the stamp in the record is overdue, and it
 * was already when that was looked at before: the same holder, and nothing written since. Who has just begun writes its own.
 * So it is where nobody has held it on both looks: on a busy machine a browser was seen to forget those who wait behind one
 * that crashed.
 */
export class Suspicion {
  readonly #locks: LockManager;
  readonly #name: string;
  readonly #records: Pick<Records, 'load'>;
  #seen: string | undefined;

  constructor(locks: LockManager, name: string, records: Pick<Records, 'load'>) {
    this.#locks = locks;
    this.#name = name;
    this.#records = records;
  }

  /** Looks again; undefined: it is not certain. */
  async look(): Promise<Overdue | undefined> {
    const before = this.#seen;
    this.#seen = undefined;
    const { held } = await this.#locks.query();
    const holder = held?.find(({ name }) => name === this.#name)?.clientId;
    if (holder === undefined) {
      this.#seen = 'nobody';
      return before === 'nobody' ? { record: undefined } : undefined;
    }
    const record = await this.#records.load();
    const until = record?.holderUntil;
    if (!record || until === undefined || until >= Date.now()) return undefined;
    this.#seen = `${holder} ${record.revision}`;
    return before === this.#seen ? { record } : undefined;
  }
}
