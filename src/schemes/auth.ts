import type { UnauthorizedReason } from '../protocol/outcome.js';
import { type SessionCore, sessionCore } from '../protocol/session-core.js';
import type { CookieSession, Session } from '../session/types.js';
import { sessionBearer } from './bearer-session.js';
import { cookie } from './cookie.js';
import type { Scheme } from './scheme.js';

/** Who answers challenges: a session (short for `bearer(session)`), a scheme, or several of them in order of preference. */
export type Auth = Session | CookieSession | Scheme | readonly (Session | CookieSession | Scheme)[];

/** A scheme over a session: it can say why it has nothing to send. */
export interface SessionScheme extends Scheme {
  readonly absent?: UnauthorizedReason | undefined;
  readonly [sessionCore]?: SessionCore | undefined;
}

/** Tells whether a function of one of these sessions is running: what it calls cannot wait for it. */
export function insideOf(auth: Auth): () => boolean {
  const cores = [auth].flat().flatMap((one) => (one as SessionScheme)[sessionCore] ?? []);
  return () => cores.some((core) => core.plain === true);
}

/** The scheme that one member of `auth` stands for; TypeError where it is neither a session nor a scheme. */
export function schemeOf(auth: unknown): SessionScheme {
  if (typeof auth === 'object' && auth !== null) {
    if ('credentials' in auth && typeof auth.credentials === 'function') return auth as SessionScheme;
    if (sessionCore in auth) {
      // nobody can read the token of a cookie session
      return 'token' in auth ? sessionBearer((auth as Session)[sessionCore]) : cookie(auth as CookieSession);
    }
  }
  throw new TypeError('`auth` must be a session, a scheme, or a list of them');
}
