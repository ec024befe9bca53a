import { reasonOf } from './promise.js';

/** Runs tasks one after another, in the order in which they came. */
export type Mutex = <T>(task: () => Promise<T>, signal?: AbortSignal | undefined) => Promise<T>;

/**
 * A mutex that starts a task in the same tick when it is free: every hop before a token request queues behind
 * all who wait for it. The signal ends the wait, not the task.
 */
export function createMutex(): Mutex {
  const waiting = new Set<() => void>();
  let busy = false;

  const next = () => {
    busy = false;
    for (const begin of waiting) {
      begin();
      return;
    }
  };
  const start = <T>(task: () => Promise<T>): Promise<T> => {
    busy = true;
    const running = begun(task);
    running.then(next, next);
    return running;
  };
  return (task, signal) => {
    if (signal?.aborted) return Promise.reject(reasonOf(signal));
    if (!busy) return start(task);
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
