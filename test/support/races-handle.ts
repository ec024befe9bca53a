import { createMutex } from '../../src/mutex.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import type { TokenStore } from '../../src/session/store.js';

/** What a handle does before it reads or writes: nothing, wait for the promise, or fail with what is thrown. */
type Gate<A extends readonly unknown[]> = ((...about: A) => unknown) | undefined;

/** One context's handle of a {@link Shared} place, with a gate before everything it does. */
export interface Handle extends TokenStore {
  exclusive: boolean;
  readOnly?: true;
  /** Loads that were begun. */
  loads: number;
  /** Turns that were begun. */
  turns: number;
  /** A load reads first and waits then: what it brings may be old. */
  beforeLoad: Gate<[]>;
  beforeSave: Gate<[SessionRecord]>;
  /** Written already: what fails here is an answer that was lost. */
  afterSave: Gate<[SessionRecord]>;
  /** The turn this handle has is about to be lost. */
  lose(): void;
  /** Calls its watchers back. */
  tell(): void;
}

/** Where several contexts keep one record and take turns, every step by hand. */
export interface Shared {
  record: SessionRecord | undefined;
  /** Every record written, in order. */
  readonly written: SessionRecord[];
  handle(): Handle;
}

export function shared(first?: SessionRecord): Shared {
  const inTurn = createMutex();
  const place: Shared = { record: first, written: [], handle };
  return place;

  function handle(): Handle {
    const listeners = new Set<() => void>();
    let losing: AbortController | undefined;
    const self: Handle = {
      exclusive: true,
      loads: 0,
      turns: 0,
      beforeLoad: undefined,
      beforeSave: undefined,
      afterSave: undefined,
      load: () => {
        self.loads++;
        const seen = place.record;
        const gate = self.beforeLoad?.();
        return isPromise(gate) ? gate.then(() => seen) : seen;
      },
      save: (next, ifRevision) => {
        const gate = self.beforeSave?.(next);
        const write = () => {
          if ((place.record?.revision ?? 0) !== ifRevision) return false;
          place.record = next;
          place.written.push(next);
          const after = self.afterSave?.(next);
          return isPromise(after) ? after.then(() => true) : true;
        };
        return isPromise(gate) ? gate.then(write) : write();
      },
      turn: (task, options) =>
        inTurn(() => {
          self.turns++;
          losing = new AbortController();
          return task(losing.signal);
        }, options?.signal),
      watch: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      lose: () => losing?.abort(),
      tell: () => {
        for (const listener of listeners) listener();
      },
    };
    return self;
  }
}

/** A record as another context may have left it. */
export function recordOf(about: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: 'anna',
    revision: 1,
    generation: 1,
    boundTo: '',
    tokens: { accessToken: 'anna-at-1', refreshToken: 'anna-rt-1' },
    ...about,
  };
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}
