import { createMutex } from '../../src/mutex.js';
import type { TokenStore } from '../../src/session/store.js';
import type { Faults } from './contract/tools.ts';

/** A text that several stores share, and what a test can do to it. */
export function textPlace(slow: boolean) {
  const listeners = new Set<() => void>();
  const mutex = createMutex();
  let waiting: (() => void)[] = [];
  const place = {
    text: undefined as string | undefined,
    state: 'well' as 'well' | 'failing' | 'hanging',
    read: () => operate(() => place.text),
    write: (text: string) =>
      operate(() => {
        place.text = text;
        for (const tell of listeners) queueMicrotask(() => listeners.has(tell) && safely(tell));
      }),
    watch(listener: () => void) {
      const own = () => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    lock: <T>(work: () => Promise<T>, signal: AbortSignal | undefined) => mutex(work, signal),
    mend() {
      place.state = 'well';
      const due = waiting;
      waiting = [];
      for (const begin of due) begin();
    },
  };
  function operate<T>(work: () => T): T | Promise<T> {
    if (place.state === 'failing') throw new Error('the platform fails');
    if (place.state === 'hanging') return new Promise((resolve) => waiting.push(() => resolve(work())));
    return slow ? new Promise((resolve) => setImmediate(() => resolve(work()))) : work();
  }
  return place;
}

export type TextPlace = ReturnType<typeof textPlace>;

interface Made {
  readonly a: TokenStore;
  readonly b: TokenStore;
  readonly place: TextPlace;
}

const into = (state: TextPlace['state']) => (made: Made) => {
  made.place.state = state;
  return made.place.mend;
};

export const textFaults: Faults<Made> = {
  put: ({ place }, text) => {
    place.text = text;
  },
  fail: into('failing'),
  hang: into('hanging'),
};

function safely(tell: () => void): void {
  try {
    tell();
  } catch {
    // a listener of somebody else
  }
}
