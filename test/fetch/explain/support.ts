import { vi } from 'vitest';
import { createAuthFetch } from '../../../src/fetch/auth-fetch.js';
import type { AuthFetchOptions } from '../../../src/fetch/options.js';
import type { Auth } from '../../../src/schemes/auth.js';
import { memoryStore } from '../../../src/session/memory-store.js';
import { createSession } from '../../../src/session/session.js';
import type { SessionOptions } from '../../../src/session/types.js';

export const NOW = Date.UTC(2026, 10, 28, 12, 0, 0);
export const HERE = 'https://api.example.com/';
const MINUTE = 60_000;

export interface Said {
  readonly status?: number;
  readonly challenge?: string;
  /** By how much the server's clock is ahead, in minutes; null: no Date. */
  readonly ahead?: number | null;
  readonly type?: ResponseType;
  readonly url?: string;
  readonly headers?: Record<string, string>;
}

/** A response as a server gives it, a page's fetch included. */
export function answer({ status = 401, challenge, ahead = 0, type = 'basic', url, headers }: Said): Response {
  const response = new Response(status === 204 ? null : 'no', {
    status,
    headers: {
      ...(challenge === undefined ? {} : { 'WWW-Authenticate': challenge }),
      ...(ahead === null ? {} : { Date: new Date(NOW + ahead * MINUTE).toUTCString() }),
      ...headers,
    },
  });
  return Object.defineProperties(response, {
    url: { value: url ?? `${HERE}users/me?key=s3cr3t-query` },
    type: { value: type },
  });
}

/** What latchkey delivers where the server says the same to everything. */
export function delivered(
  auth: Auth,
  said: Said,
  options?: Partial<AuthFetchOptions>,
  init?: RequestInit,
): Promise<Response> {
  const authFetch = createAuthFetch({
    baseUrl: HERE,
    auth,
    fetch: async () => answer(said),
    ...options,
  });
  return authFetch('/users/me', init);
}

/** Tokens that were obtained some minutes ago and live for some more. */
export async function session(
  { ago = 2, left = 58, refreshToken = 's3cr3t-rt-1' as string | undefined } = {},
  options: SessionOptions = {},
) {
  vi.setSystemTime(NOW - ago * MINUTE);
  const made = createSession({
    store: memoryStore({ accessToken: 's3cr3t-at-1', refreshToken, expiresIn: (ago + left) * 60 }),
    ...options,
  });
  await made.ready();
  vi.setSystemTime(NOW);
  return made;
}

let count = 1;
/** A refresh that works. */
export const renews = async () => ({
  accessToken: `s3cr3t-at-${++count}`,
  refreshToken: 's3cr3t-rt-2',
  expiresIn: 3600,
});
