import {
  type AuthFetch,
  type AuthFetchOptions,
  createAuthFetch,
  createSession,
  refreshEndpoint,
  type Session,
  type SessionOptions,
} from 'latchkey/fetch';
import type { Tools } from './case.ts';
import type { Counts, Entry, Realm, RealmOptions } from './server.ts';

/** A realm, somebody signed in to it, and the auth fetch: what most cases begin with. */
export interface SignedIn {
  readonly realm: Realm;
  readonly session: Session<undefined>;
  readonly authFetch: AuthFetch;
}

export interface SignInOptions {
  readonly realm?: RealmOptions;
  readonly session?: SessionOptions;
  readonly fetch?: Partial<AuthFetchOptions>;
}

export async function signedIn(t: Tools, options: SignInOptions = {}): Promise<SignedIn> {
  const realm = await t.server.realm(options.realm);
  const session = createSession({ refresh: refreshEndpoint(`${realm.url}/refresh`), ...options.session });
  await session.signIn(await realm.issue());
  const authFetch = createAuthFetch({ baseUrl: `${realm.url}/`, auth: session, ...options.fetch });
  return { realm, session, authFetch };
}

/** The same with a token that the server does not take any more, and nobody here knows that. */
export async function refusedNext(t: Tools, options: SignInOptions = {}): Promise<SignedIn> {
  const given = await signedIn(t, options);
  await given.realm.expire();
  return given;
}

/** `n` calls begun at once. */
export const times = <T>(n: number, call: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, index) => call(index)));

/** The server's log of one place, below the query. */
export async function sendings(realm: Realm, path: string): Promise<readonly Entry[]> {
  return (await realm.log()).filter((entry) => entry.path.replace(/\?.*$/, '') === path);
}

/** The counts that are asked for, and no others. */
export async function counted<Name extends keyof Counts>(
  realm: Realm,
  ...names: Name[]
): Promise<Record<Name, number>> {
  const counts = await realm.counts();
  return Object.fromEntries(names.map((name) => [name, counts[name]])) as Record<Name, number>;
}
