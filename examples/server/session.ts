import {
  type AuthClient,
  bearer,
  createAuthClient,
  createSession,
  customStore,
  type Session,
} from 'latchkey';
import { oauthProvider, refreshTokenGrant, revocation } from 'latchkey/oauth';
import { seal, unseal } from './seal';

/** Shared by all requests: it is discovered once, and holds nobody's tokens. */
export const idp = oauthProvider({
  issuer: process.env['ISSUER'] ?? '',
  clientId: 'web',
  clientSecret: process.env['CLIENT_SECRET'] ?? '',
});

/** As it is registered: behind a proxy a request does not know it. */
export const redirectUri = `${process.env['SITE'] ?? ''}/auth/callback`;

/** Shared by all requests, and nobody's: each extends it by its own session. */
const api = createAuthClient({
  baseUrl: process.env['API'] ?? '',
  auth: bearer(() => undefined),
  timeout: 5_000,
});

/** Browsers drop a larger one without a word. */
const MOST_BYTES = 4_096;

export const SESSION = 'session';
export const TRANSACTION = 'transaction';
export const cookieOptions = {
  path: '/',
  httpOnly: true,
  secure: process.env['NODE_ENV'] === 'production',
  sameSite: 'lax',
  maxAge: 30 * 86_400,
} as const;

/** What one request has: a session on a server is one user's. */
export interface OfRequest {
  readonly session: Session;
  readonly api: AuthClient;
  /** What the cookie must be set to before the response goes, once nothing is under way; undefined: it stays as it is. */
  settle(): Promise<string | undefined>;
}

/** Of a request whose response can set a cookie. */
export function forRequest(cookie: string | undefined): OfRequest {
  const begun: Promise<unknown>[] = [];
  let written: { text: string; sealed: string } | undefined;
  let gone = false;
  const session = createSession({
    refresh: refreshTokenGrant(idp),
    revoke: revocation(idp),
    store: customStore({
      read: () => written?.text ?? (cookie && unseal(cookie)),
      write: async (text) => {
        const sealed = await seal(text);
        if (sealed.length + SESSION.length > MOST_BYTES)
          throw new Error('The tokens are too large for a cookie');
        written = { text, sealed };
      },
      // Nothing is renewed that could not be kept.
      lock: (work) => (gone ? Promise.reject(new Error('The response has gone')) : work()),
    }),
    waitUntil: (work) => begun.push(work),
  });
  return {
    session,
    api: api.extend({ auth: session }),
    async settle() {
      // also what is begun meanwhile
      for (const work of begun) await work;
      gone = true;
      return written?.sealed;
    },
  };
}

/** Of one whose response cannot: the session never refreshes, and what is refused is delivered as `read-only`. */
export function readOnly(cookie: string | undefined): AuthClient {
  const store = customStore({ read: () => cookie && unseal(cookie) });
  return api.extend({ auth: createSession({ refresh: refreshTokenGrant(idp), store }) });
}

/** A path of this site, or its root: who is sent back must not be sent elsewhere. */
export function ownPath(path: string | null): string {
  return path && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : '/';
}
