import { andThen } from '../promise.js';
import type { Credentials } from '../protocol/credentials.js';
import { type Held, sessionCore } from '../protocol/session-core.js';
import { stepUpNeed } from '../protocol/step-up.js';
import type { CookieSession } from '../session/types.js';
import type { MaybePromise } from '../types.js';
import type { SessionScheme } from './auth.js';
import { sessionScheme } from './session-scheme.js';

/** The cookies of the platform (RFC 6265, section 5.4) stamped with what is known of them, and a header against forgery. */
export function cookie(session: CookieSession): SessionScheme {
  const core = session[sessionCore];
  const { csrf } = core;
  const stamp = (version: Held): MaybePromise<Credentials> =>
    csrf === undefined
      ? { cookies: true, version }
      : andThen(csrf.token(), (token) => ({
          cookies: true,
          version,
          headers: token ? { [csrf.header]: token } : undefined,
        }));
  return sessionScheme(core, stamp, {
    name: 'cookie',
    // fetch hands a header of ours on to another origin; cookies it does not
    redirects: csrf === undefined ? 'fetch' : 'by-hand',
    // a cookie has no auth-scheme: whatever the challenge names, the session is what was refused
    remedy: (challenge, refused) =>
      stepUpNeed(challenge) !== undefined ? undefined : refused === undefined ? 'answer' : 'replace',
  });
}
