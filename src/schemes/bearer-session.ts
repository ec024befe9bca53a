import type { Credentials } from '../protocol/credentials.js';
import type { Held, SessionCore } from '../protocol/session-core.js';
import type { SessionScheme } from './auth.js';
import { bearerHeaders } from './bearer-headers.js';
import { bearerRemedy } from './bearer-remedy.js';
import { sessionScheme } from './session-scheme.js';

/** The auth-scheme "Bearer" over a session: of one token the same credentials, made once. */
export function sessionBearer(core: SessionCore): SessionScheme {
  let lastHeld: Held | undefined;
  let last: Credentials = {};
  const write = (held: Held): Credentials => {
    if (held === lastHeld) return last;
    // RFC 9449, section 7.1: a token that is bound to a key is no bearer token
    if (held.tokenType === 'DPoP') {
      throw new TypeError('bearer: the session holds a DPoP token, which is not sent without a proof');
    }
    last = Object.freeze({ headers: bearerHeaders(held.accessToken, 'access token'), version: held });
    lastHeld = held;
    return last;
  };
  return sessionScheme(core, write, { name: 'bearer', remedy: bearerRemedy });
}
