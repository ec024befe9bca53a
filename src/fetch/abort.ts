/** What an abort rejects with: React Native's older signals have no reason, and no DOMException to make one of. */
function reasonOf(signal: AbortSignal): unknown {
  if (signal.reason !== undefined) return signal.reason;
  const error = new Error('The operation was aborted');
  error.name = 'AbortError';
  return error;
}

/** The promise, or the caller's abort as soon as it comes; what is waited for goes on without this caller. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(reasonOf(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    const settled = () => signal.removeEventListener('abort', onAbort);
    promise.then(settled, settled);
    promise.then(resolve, reject);
  });
}

/** A signal of our own that follows the caller's. */
export function follow(signal: AbortSignal | null | undefined, own: AbortController): AbortSignal {
  if (!signal) return own.signal;
  if (typeof AbortSignal.any === 'function') return AbortSignal.any([signal, own.signal]);
  const onAbort = () => own.abort(reasonOf(signal));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return own.signal;
}
