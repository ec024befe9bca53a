export { isPromise, reasonOf, unlessAborted } from '../promise.js';

/** Settles as `work` does, or rejects with what `late` makes once `ms` milliseconds have passed. */
export function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    const settled = () => clearTimeout(timer);
    work.then(settled, settled);
    work.then(resolve, reject);
  });
}

/** Resolves after `ms` milliseconds; `idle`: this alone keeps no process alive. */
export function pause(ms: number, idle = false): Promise<void> {
  return new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve, ms);
    if (idle) (timer as { unref?: () => void }).unref?.();
  });
}
