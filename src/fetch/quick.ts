import type { Credentials } from '../protocol/credentials.js';
import type { Init } from './enter.js';
import { type Lines, withCredentials } from './headers.js';

/** Text or nothing as body, and sent with credentials: what needs no preparation. */
export function isQuick({ body, auth, mode }: NonNullable<Init>): boolean {
  return (
    (body === undefined || body === null || typeof body === 'string') && auth !== false && mode !== 'no-cors'
  );
}

/** The init that is sent: unknown members survive, no `Headers` are built. */
export function quickInit(init: Init, lines: Lines | undefined, credentials: Credentials): RequestInit {
  const headers = withCredentials(lines, credentials) as Lines;
  return init === undefined ? { headers } : { ...init, headers };
}
