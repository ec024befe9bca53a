import { reasonOf } from '../promise.js';
import type { Credentials } from '../protocol/credentials.js';
import type { Call } from './call.js';
import { withCredentials } from './headers.js';

/** The init of one sending: the caller's, the credentials, the body, and the means to end what is still under way. */
export function initOf(call: Call, credentials: Credentials | undefined): RequestInit {
  const next: RequestInit & { duplex?: 'half' } = { ...call.init };
  if (credentials?.headers !== undefined)
    next.headers = withCredentials(call.lines, credentials) as HeadersInit;
  if (credentials?.cookies) next.credentials = 'include';
  const payload = call.rest?.payload;
  if (payload !== undefined) next.body = payload.next();
  if (payload?.streaming) {
    next.duplex = 'half';
    next.signal = brake(call);
  }
  return next;
}

/** A signal that ends this sending, the caller's or ours. */
export function brake(call: Call): AbortSignal {
  const { signal } = call;
  const own = new AbortController();
  call.keep().brake = own;
  if (!signal) return own.signal;
  if (typeof AbortSignal.any === 'function') return AbortSignal.any([signal, own.signal]);
  const abort = () => own.abort(reasonOf(signal));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return own.signal;
}

/** The URL with credentials for it in its query. */
export function withQuery(url: string, credentials: Credentials | undefined): string {
  if (credentials?.query === undefined) return url;
  const [, start = '', fragment = ''] = /^([^#]*)(.*)$/s.exec(url) ?? [];
  let text = start;
  for (const [name, value] of Object.entries(credentials.query)) {
    text += `${text.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  }
  return text + fragment;
}
