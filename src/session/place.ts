import { isAuthError, RefreshUnavailableError } from '../errors.js';
import { printable } from '../protocol/printable.js';
import type { SessionRecord } from '../protocol/record.js';
import { parseRecord } from '../protocol/record-border.js';
import { isUnreadable } from '../protocol/unreadable.js';
import type { MaybePromise } from '../types.js';
import type { TokenStore } from './store.js';
import { isPromise, within } from './wait.js';

const STORE_MS = 3_000;

type Degraded = 'memory-only' | 'unreadable';

/** A store that answers in time, with a record or with RefreshUnavailableError: nothing of its own errors is passed on. */
export class Place {
  readonly store: TokenStore;
  readonly #degraded: (reason: Degraded) => void;
  #memoryOnly = false;

  constructor(store: TokenStore, degraded: (reason: Degraded) => void) {
    this.store = store;
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
    this.#told(found);
    if (found === undefined || found === null) return undefined;
    const record = parseRecord(found);
    if (!record) this.#degraded('unreadable');
    return record;
  }

  #failed(error: unknown): undefined {
    if (!isUnreadable(error)) throw broken('load');
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
