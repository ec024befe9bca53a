import { reasonOf, unlessAborted } from './promise.js';
import { endsWithRequest, SharedWork } from './shared-work.js';

/** Runs tasks one after another, in the order in which they came. */
export type Mutex = <T>(task: () => Promise<T>, signal?: AbortSignal | undefined) => Promise<T>;

/**
 * A mutex that starts a task in the same tick when it is free: every hop before a token request queues behind
 * all who wait for it. The signal ends the wait, not the task.
 */
export function createMutex(): Mutex {
  const waiting = new Set<() => void>();
  let busy = false;
  let holder: SharedWork<unknown> | undefined;

  const next = () => {
    busy = false;
    holder = undefined;
    for (const begin of waiting) {
      begin();
      return;
    }
  };
  const start = <T>(task: () => Promise<T>): Promise<T> => {
    busy = true;
    const running = begun(task);
    const mine = new SharedWork<unknown>(running);
    holder = mine;
    // Another may have it by now: the request that began this task seemed to have ended.
    const free = () => {
      if (holder === mine) next();
    };
    running.then(free, free);
    return running;
  };
  /** Where a task is its request's, who hands over must not begin it; who never will is passed over. */
  const queue = async <T>(task: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    while (busy) {
      const before = holder;
      const free = async () => {
        if (holder === before) next();
      };
      await unlessAborted(before?.join(free).catch(() => {}) ?? Promise.resolve(), signal);
    }
    return start(task);
  };
  return (task, signal) => {
    if (signal?.aborted) return Promise.reject(reasonOf(signal));
    if (!busy) return start(task);
    if (endsWithRequest()) return queue(task, signal);
    return new Promise((resolve, reject) => {
      const begin = () => {
        leave();
        resolve(start(task));
      };
      const abort = () => {
        leave();
        reject(reasonOf(signal as AbortSignal));
      };
      const leave = () => {
        waiting.delete(begin);
        signal?.removeEventListener('abort', abort);
      };
      waiting.add(begin);
      signal?.addEventListener('abort', abort);
    });
  };
}

/** A task that throws at once has failed like any other. */
function begun<T>(task: () => Promise<T>): Promise<T> {
  try {
    return Promise.resolve(task());
  } catch (error) {
    return Promise.reject(error);
  }
}
