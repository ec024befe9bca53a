/** As MaybePromise of types.ts: this file stands below everything and imports nothing. */
type MaybePromise<T> = T | Promise<T>;

/** By shape: a thenable of any realm. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** What `next` makes of the value: at once, where it is there. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** Settles as `work` does, or rejects with the signal's reason as soon as it aborts; `work` goes on. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(reasonOf(signal));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
    const settled = () => signal.removeEventListener('abort', abort);
    work.then(settled, settled);
    work.then(resolve, reject);
  });
}

/** Not every platform's signal has a reason, nor every platform a DOMException. */
export function reasonOf(signal: AbortSignal): unknown {
  const reason: unknown = signal.reason;
  if (reason !== undefined) return reason;
  const error = new Error('This operation was aborted');
  error.name = 'AbortError';
  return error;
}

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
