import { type AuthClient, createAuthClient, createSession, type Session } from 'latchkey';
import { refreshTokenGrant, revocation } from 'latchkey/oauth';
import type { ReferenceProvider, ReferenceResource } from '../test/support/oidc/index.ts';

/** Of the token a sign-in brings, in seconds. */
const firstTtl = 2;

/** The two servers, and what happened at them since the scene began. */
export interface Stage {
  readonly idp: ReferenceProvider;
  readonly api: ReferenceResource;
}

/** A session signed in through the provider's real endpoints, and a client whose requests it signs. */
export interface SignedInApp {
  readonly session: Session<undefined>;
  readonly client: AuthClient;
}

/** Signs in with code + PKCE; without `tellLifetime` the tokens come without `expires_in`. */
export async function signedIn({ idp, api }: Stage, tellLifetime: boolean): Promise<SignedInApp> {
  idp.settings.tellLifetime = tellLifetime;
  const server = { issuer: idp.issuer, clientId: idp.clientId };
  const session = createSession({ refresh: refreshTokenGrant(server), revoke: revocation(server) });
  idp.settings.accessTokenTtl = firstTtl;
  await session.signIn(await idp.signIn());
  // What a refresh brings lives longer, so that a slow machine counts the same.
  idp.settings.accessTokenTtl = 20;
  return { session, client: createAuthClient({ baseUrl: api.url, auth: session }) };
}

/** Waits until a token of just now has expired, and on to the next full second: the server counts in those. */
export async function expiry(): Promise<void> {
  const over = Date.now() + firstTtl * 1_000;
  await sleep(Math.ceil(over / 1_000) * 1_000 + 20 - Date.now());
}

/** The servers' books from now on. */
export function books({ idp, api }: Stage) {
  api.reset();
  const from = Date.now();
  const { tokenRequests: before } = idp.counts;
  const first = idp.log.length;
  return {
    from,
    answers: api.log,
    api: api.counts,
    tokenRequests: () => idp.counts.tokenRequests - before,
    tokenLog: () => idp.log.slice(first),
  };
}

export function times<T>(count: number, task: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => task(index)));
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
