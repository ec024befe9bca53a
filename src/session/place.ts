import { isAuthError, RefreshUnavailableError } from '../errors.js';
import { printable } from '../protocol/printable.js';
import type { SessionRecord } from '../protocol/record.js';
import { parseRecord } from '../protocol/record-border.js';
import { isUnopened, isUnreadable } from '../protocol/unreadable.js';
import type { MaybePromise } from '../types.js';
import type { TokenStore } from './store.js';
import { isPromise, within } from './wait.js';

const STORE_MS = 3_000;
/** What others wrote and no watch has told of is seen so much later, in milliseconds. */
const READ_AGAIN_MS = 60_000;

type Degraded = 'memory-only' | 'unreadable' | 'unopened';

/** A store that answers in time, with a record or with RefreshUnavailableError: nothing of its own errors is passed on. */
export class Place {
  readonly store: TokenStore;
  /** From here on what was loaded is too old to be believed without another look. */
  readAgainAt: number = Number.POSITIVE_INFINITY;
  /** The revision of the record that the last load found and could not open: only a sign-in writes over it. */
  unopened: number | undefined;
  readonly #now: () => number;
  readonly #degraded: (reason: Degraded) => void;
  #memoryOnly = false;

  constructor(store: TokenStore, now: () => number, degraded: (reason: Degraded) => void) {
    this.store = store;
    this.#now = now;
    this.#degraded = degraded;
  }

  /** Synchronous where the store is. Something unreadable counts as nothing, and is told. */
  load(): MaybePromise<SessionRecord | undefined> {
    let found: MaybePromise<SessionRecord | undefined>;
    try {
      found = this.store.load();
    } catch (error) {
      return this.#failed(error);
    }
    if (!isPromise(found)) return this.#read(found);
    // One that answers at once is this context's own; reading one that is not exclusive may prompt a user.
    if (this.store.exclusive) this.readAgainAt = this.#now() + READ_AGAIN_MS;
    return within(found, STORE_MS, () => slow('load')).then(
      (record) => this.#read(record),
      (error) => this.#failed(error),
    );
  }

  /** Synchronous where the store is; throws or rejects with RefreshUnavailableError where it cannot be known. */
  save(next: SessionRecord, ifRevision: number): MaybePromise<boolean> {
    let saved: MaybePromise<boolean>;
    try {
      saved = this.store.save(next, ifRevision);
    } catch (error) {
      throw broken('save', error);
    }
    if (!isPromise(saved)) return this.#told(saved);
    return within(saved, STORE_MS, () => slow('save')).then(
      (answer) => this.#told(answer),
      (error) => {
        throw broken('save', error);
      },
    );
  }

  /** Lets go of what the store opened; rejects with RefreshUnavailableError where it cannot, or not in time. */
  async close(): Promise<void> {
    try {
      const closing = this.store.close?.();
      if (closing && isPromise(closing)) await within(closing, STORE_MS, () => slow('close'));
    } catch {
      throw broken('close');
    }
  }

  /** Once each time the store begins to keep in memory alone what it is given. */
  #told<T>(answer: T): T {
    const { memoryOnly = false } = this.store;
    if (memoryOnly && !this.#memoryOnly) this.#degraded('memory-only');
    this.#memoryOnly = memoryOnly;
    return answer;
  }

  #read(found: SessionRecord | undefined): SessionRecord | undefined {
    this.unopened = undefined;
    this.#told(found);
    if (found === undefined || found === null) return undefined;
    const record = parseRecord(found);
    if (!record) this.#degraded('unreadable');
    return record;
  }

  #failed(error: unknown): undefined {
    if (isUnopened(error)) {
      // Every load fails by it: told once.
      if (this.unopened === undefined) this.#degraded('unopened');
      this.unopened = error.revision;
      throw new RefreshUnavailableError(printable(error.message));
    }
    if (!isUnreadable(error)) throw broken('load', error);
    this.unopened = undefined;
    this.#degraded('unreadable');
    return undefined;
  }
}

/** A store of latchkey's own says in words of its own what is wrong; of others' errors nothing is passed on. */
function broken(verb: string, error?: unknown): RefreshUnavailableError {
  const ours = isAuthError(error) && error.code === 'refresh-unavailable';
  return new RefreshUnavailableError(ours ? printable(error.message) : `The session's store cannot ${verb}`);
}

function slow(verb: string): RefreshUnavailableError {
  return new RefreshUnavailableError(`The session's store did not ${verb} in time`);
}
