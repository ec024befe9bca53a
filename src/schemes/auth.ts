import type { UnauthorizedReason } from '../protocol/outcome.js';
import type { CookieSession, Session } from '../session/types.js';
import type { Scheme } from './scheme.js';

/** Who answers challenges: a session (short for `bearer(session)`), a scheme, or several of them in order of preference. */
export type Auth = Session | CookieSession | Scheme | readonly (Session | CookieSession | Scheme)[];

/** A scheme over a session: it can say why it has nothing to send. */
export interface SessionScheme extends Scheme {
  readonly absent?: UnauthorizedReason | undefined;
}
