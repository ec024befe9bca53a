import { brandCorridor } from '../plain-fetch.js';
import type { Credentials } from '../protocol/credentials.js';
import { beginsInside } from '../protocol/protection-space.js';
import { unlessAborted } from './abort.js';
import { Call } from './call.js';
import { enter, type Init } from './enter.js';
import { isPromise } from './find.js';
import type { AuthFetch, AuthFetchOptions } from './options.js';
import { readOptions } from './read-options.js';
import { check } from './settle.js';
import { transmit } from './transmit.js';

/**
 * A drop-in `fetch` that answers HTTP 401 (RFC 9110, section 15.5.2): it sends credentials to the configured origins,
 * gets new ones once for everybody who waits, sends the refused requests again, and stops.
 *
 * @throws TypeError where no origin is known, an origin is http off loopback, or an option cannot be.
 * @example
 * ```ts
 * const authFetch = createAuthFetch({ baseUrl: 'https://api.example.com/', auth: session });
 * const response = await authFetch('/users/me');
 * ```
 */
export function createAuthFetch(options: AuthFetchOptions): AuthFetch {
  return createCorridor(options, false);
}

/** The same for who makes the Requests and gives them away: their headers are set in place. */
export function createCorridor(options: AuthFetchOptions, ownsRequests: boolean): AuthFetch {
  const corridor = readOptions(options, ownsRequests);
  const { origins, below, schemes } = corridor;
  const only = schemes.length === 1 && schemes[0]?.redirects !== 'by-hand' ? schemes[0] : undefined;

  function authFetch(input: Parameters<AuthFetch>[0], init?: Init): Promise<Response> {
    try {
      if (
        only === undefined ||
        typeof input !== 'string' ||
        !beginsInside(input, origins) ||
        (init !== undefined && !isPlain(init))
      ) {
        return enter(corridor, input, init);
      }
      const call = new Call(corridor, input, input, init);
      if (only.begin !== undefined) call.begun = only.begin();
      const credentials = only.credentials(call);
      if (isPromise(credentials)) {
        call.keep();
        return unlessAborted(credentials, call.signal)
          .then((ready) => transmit(call, ready))
          .then((response) => check(call, response));
      }
      if (call.rest || credentials?.query !== undefined || credentials?.cookies) {
        return transmit(call, credentials).then((response) => check(call, response));
      }
      call.sent = credentials;
      const own = write(init, credentials);
      call.init = own;
      call.rest = null;
      return below()(input, own).then((response) => check(call, response));
    } catch (error) {
      return Promise.reject(error);
    }
  }
  return brandCorridor(authFetch as AuthFetch, below);
}

/** Text or nothing as body, and headers that are an object without Authorization: what needs no preparation. */
function isPlain(init: NonNullable<Init>): boolean {
  const { body, headers } = init;
  if (body !== undefined && body !== null && typeof body !== 'string') return false;
  if (init.auth === false || init.mode === 'no-cors') return false;
  if (headers === undefined) return true;
  if (headers === null || Array.isArray(headers) || Object.getPrototypeOf(headers) !== Object.prototype)
    return false;
  for (const name in headers) {
    if (name.length === 13 && name.toLowerCase() === 'authorization') return false;
  }
  return true;
}

function write(init: Init, credentials: Credentials | undefined): RequestInit | undefined {
  const written = credentials?.headers;
  if (init === undefined) return written && { headers: written };
  const { headers } = init;
  if (headers === undefined) return written === undefined ? { ...init } : { ...init, headers: written };
  return { ...init, headers: withOwn(headers as Record<string, string>, written) };
}

function withOwn(
  given: Record<string, string>,
  written: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const merged = { ...given, ...written };
  for (const name in written) {
    // Authorization is in none of the given
    if (name === 'Authorization') continue;
    const lower = name.toLowerCase();
    for (const other in given) if (other !== name && other.toLowerCase() === lower) delete merged[other];
  }
  return merged;
}
