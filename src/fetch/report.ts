import type { RequestEvent } from '../events.js';
import { isPromise } from '../promise.js';
import type { Call } from './call.js';

type Told<E> = E extends RequestEvent ? Omit<E, 'at' | 'url' | 'method'> : never;

/** Tells the listener, where there is one; what it throws, or rejects with, is its own affair. */
export function report(call: Call, what: Told<RequestEvent>): void {
  const { observe } = call.corridor;
  if (observe === undefined) return;
  try {
    const url = call.url.replace(/[?#].*/s, '');
    const told: unknown = observe({ ...what, at: Date.now(), url, method: call.method } as RequestEvent);
    if (isPromise(told)) told.then(undefined, () => {});
  } catch {
    // nothing
  }
}
