// Checked with the types of each platform: names no global that one of them lacks.
import {
  type AuthClient,
  createAuthClient,
  createAuthFetch,
  createCookieSession,
  createSession,
  defineScheme,
  isForbiddenError,
  isSignInRequired,
  isUnauthorizedError,
  refreshEndpoint,
  type Session,
} from 'latchkey';
import { parseChallenges } from 'latchkey/challenge';
import { digest } from 'latchkey/digest';
import { type DpopKey, dpop, dpopKey } from 'latchkey/dpop';
import { outcomeOf } from 'latchkey/fetch';
import { clientCredentialsGrant } from 'latchkey/oauth';

export const session: Session<string> = createSession({
  refresh: refreshEndpoint('https://api.example.com/auth/refresh'),
  user: (tokens) => tokens.scope ?? '',
});
export const service = createSession({
  acquire: clientCredentialsGrant({ issuer: 'https://id.example.com', clientId: 'a', clientSecret: 'b' }),
});
export const camera = digest({ username: 'a', password: 'b' }, { algorithms: ['SHA-256'] });
export const key: DpopKey = dpopKey({ jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' } });
const bound = { issuer: 'https://id.example.com', clientId: 'a', clientSecret: 'b', dpop: key };
export const proved = createAuthFetch({
  origins: 'https://api.example.com',
  auth: dpop(createSession({ acquire: clientCredentialsGrant(bound) }), key),
});
export const cookies = createCookieSession({ refresh: refreshEndpoint('/auth/refresh') });
export const api: AuthClient = createAuthClient({
  baseUrl: 'https://api.example.com/',
  auth: [session, defineScheme({ name: 'key', credentials: () => ({ headers: { 'X-Key': 'k' } }) })],
  timeout: 5000,
});
export const authFetch = createAuthFetch({
  origins: 'https://api.example.com',
  auth: session,
  fetch: (input, init) => fetch(input, init),
});

export async function me(signal: AbortSignal): Promise<string | undefined> {
  const response = await authFetch('https://api.example.com/me', { method: 'POST', body: '{}', signal });
  const plain = await api.fetch('/me', { auth: false });
  const challenges = parseChallenges(plain.headers.get('WWW-Authenticate'));
  try {
    return await api.get('me', { context: { auth: false } }).json<string>();
  } catch (error) {
    if (isSignInRequired(error)) return outcomeOf(response)?.reason;
    if (isUnauthorizedError(error)) return error.reason;
    if (isForbiddenError(error)) return error.need.type;
    return challenges[0]?.scheme;
  }
}
