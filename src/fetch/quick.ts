import type { Credentials } from '../protocol/credentials.js';
import type { Init } from './enter.js';
import { linesOf, setsAuthorization, withCredentials } from './headers.js';

/** Text or nothing as body, and no Authorization of the caller's: what needs no preparation. */
export function isQuick(init: NonNullable<Init>): boolean {
  const { body, headers } = init;
  return (
    (body === undefined || body === null || typeof body === 'string') &&
    init.auth !== false &&
    init.mode !== 'no-cors' &&
    !(headers && setsAuthorization(headers))
  );
}

/** The init that is sent: unknown members survive, no `Headers` are built. */
export function quickInit(init: Init, credentials: Credentials | undefined): RequestInit | undefined {
  if (init === undefined) return credentials?.headers && { headers: credentials.headers };
  const headers = withCredentials(init.headers && linesOf(init.headers), credentials);
  return headers === undefined ? { ...init } : { ...init, headers };
}
