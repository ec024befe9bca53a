import { reasonOf } from '../promise.js';

/** A signal of our own that follows the caller's. */
export function follow(signal: AbortSignal | null | undefined, own: AbortController): AbortSignal {
  if (!signal) return own.signal;
  if (typeof AbortSignal.any === 'function') return AbortSignal.any([signal, own.signal]);
  const onAbort = () => own.abort(reasonOf(signal));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return own.signal;
}
