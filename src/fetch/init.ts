import type { Credentials } from '../protocol/credentials.js';
import { follow } from './abort.js';
import type { Call } from './call.js';
import { type Lines, withCredentials } from './headers.js';

/** The init of one sending of a call that is not a Request. */
export function initOf(call: Call, credentials: Credentials | undefined): RequestInit {
  const next = withBody(call, { ...call.init });
  const lines = withCredentials(call.init?.headers as Lines | undefined, credentials);
  if (lines !== undefined) next.headers = lines as HeadersInit;
  if (credentials?.cookies) next.credentials = 'include';
  return next;
}

/** Adds the body of the next sending, and the means to end one that is still under way. */
export function withBody(call: Call, next: RequestInit & { duplex?: 'half' }): RequestInit {
  const payload = call.rest?.payload;
  if (payload === undefined) return next;
  next.body = payload.next();
  if (payload.streaming) {
    next.duplex = 'half';
    next.signal = brake(call);
  }
  return next;
}

/** A signal that ends this sending, the caller's or ours. */
export function brake(call: Call): AbortSignal {
  const own = new AbortController();
  call.keep().brake = own;
  return follow(call.signal, own);
}

/** The URL with credentials for it in its query. */
export function withQuery(url: string, credentials: Credentials | undefined): string {
  if (credentials?.query === undefined) return url;
  const hash = url.indexOf('#');
  const end = hash < 0 ? url.length : hash;
  let text = url.slice(0, end);
  for (const name in credentials.query) {
    const value = encodeURIComponent(credentials.query[name] as string);
    text += `${text.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${value}`;
  }
  return text + url.slice(end);
}
