// What the types promise: an equality that does not hold, or an error that is none, fails test/types.test.ts.
import type { SessionEvent, SessionSnapshot, SignedOutCause } from 'latchkey';
import {
  createAuthClient,
  createCookieSession,
  createSession,
  defineScheme,
  isAuthError,
  isForbiddenError,
  isUnauthorizedError,
  memoryStore,
  type RefreshUnavailableError,
  refreshEndpoint,
} from 'latchkey';
import { digest } from 'latchkey/digest';
import { fileStore } from 'latchkey/stores/file';
import * as z from 'zod';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_equal: Equal<A, B>): void {}

const session = createSession({ user: (tokens) => ({ name: tokens.accessToken }) });
const api = createAuthClient({ baseUrl: 'https://api.example.com/', auth: session });

export function snapshots(s: SessionSnapshot<{ name: string }>): void {
  same<typeof s.status, 'loading' | 'signed-in' | 'signed-out'>(true);
  same<typeof s.user, { name: string } | undefined>(true);
  if (s.status === 'signed-in') {
    same<typeof s.user, { name: string }>(true);
    same<typeof s.expiresAt, number | undefined>(true);
  } else {
    same<typeof s.refreshing, false>(true);
    // @ts-expect-error only who is signed in has an expiry
    s.expiresAt;
  }
  if (s.status === 'signed-out') same<typeof s.cause, SignedOutCause>(true);
}

export function events(): void {
  session.on('signed-out', (event) => same<typeof event.cause, SignedOutCause>(true));
  session.on('save-failed', (event) => same<typeof event.error, RefreshUnavailableError>(true));
  // @ts-expect-error a request's event never fires on a session
  session.on('replayed', () => {});
  createSession({ observe: (event) => same<typeof event, SessionEvent>(true) });
}

export async function answers(): Promise<void> {
  const user = await api.get('me').json(z.object({ id: z.string() }));
  same<typeof user, { id: string }>(true);
  const typed = await api.get<{ n: number }>('n').json();
  same<typeof typed, { n: number }>(true);
  const extended = api.extend((parent) => ({
    prefix: `${parent.prefix}/v2`,
    origins: 'https://b.example.com',
  }));
  same<typeof extended, typeof api>(true);
  await extended.fetch('/me', { auth: false });
  // @ts-expect-error auth is given back with `false` only
  await api.fetch('/me', { auth: true });
}

export function errors(error: unknown): void {
  if (isUnauthorizedError<{ message: string }>(error)) {
    same<typeof error.code, 'unauthorized'>(true);
    same<typeof error.data, { message: string } | string | undefined>(true);
    same<typeof error.sendings, number>(true);
  } else if (isForbiddenError(error)) {
    if (error.need.type === 'scope') same<typeof error.need.scope, readonly string[]>(true);
    same<typeof error.signInRequired, false>(true);
  } else if (isAuthError(error)) {
    if (error.code === 'refresh-unavailable') same<typeof error.retryAt, number | undefined>(true);
    if (error.code === 'server-not-verified') {
      same<typeof error.reason, 'mismatch' | 'absent' | 'unreadable'>(true);
    }
  }
}

export function schemes(
  ask: (text: string) => Promise<{ username: string; password: string } | undefined>,
): void {
  digest(
    async ({ realm, refused }: { realm: string | undefined; refused: boolean }) => ask(`${realm} ${refused}`),
    {
      verifyServer: true,
      cnonce: () => 'c',
    },
  );
  // @ts-expect-error an algorithm that RFC 7616 does not know
  digest({ username: 'a', password: 'b' }, { algorithms: ['SHA-1'] });
}

export function encryption(key: CryptoKey, bytes: Uint8Array): void {
  fileStore('session', { encrypt: key });
  fileStore('session', { encrypt: [bytes, key, 'plaintext'] });
  // @ts-expect-error plain text is no key
  fileStore('session', { encrypt: 'plaintext' });
  // @ts-expect-error what is written is encrypted
  fileStore('session', { encrypt: ['plaintext', key] });
  // @ts-expect-error nothing to encrypt with
  fileStore('session', { encrypt: [] });
  // @ts-expect-error a passphrase is no key
  fileStore('session', { encrypt: 'correct horse battery staple' });
}

// @ts-expect-error no `auth`
createAuthClient({ baseUrl: 'https://api.example.com/' });
// @ts-expect-error an excess member
defineScheme({ name: 'a', credentials: () => undefined, credential: 1 });
// @ts-expect-error nobody can read the token of a cookie session
createCookieSession({ refresh: refreshEndpoint('/r') }).token();
// @ts-expect-error seconds are expiresIn, a number or its digits
session.signIn({ accessToken: 'a', expiresIn: {} });
// @ts-expect-error stores hold tokens, not text
memoryStore('token');
