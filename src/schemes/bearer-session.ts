import type { Credentials } from '../protocol/credentials.js';
import type { Held, SessionCore } from '../protocol/session-core.js';
import type { SessionScheme } from './auth.js';
import { bearerHeaders } from './bearer-headers.js';
import { bearerRemedy } from './bearer-remedy.js';
import { sessionScheme } from './session-scheme.js';
import { canStepUp } from './step-up.js';

/** The auth-scheme "Bearer" over a session. */
export function sessionBearer(core: SessionCore): SessionScheme {
  const write = (held: Held): Credentials => {
    // RFC 9449, section 7.1: a token that is bound to a key is no bearer token
    if (held.tokenType === 'DPoP') {
      throw new TypeError('bearer: the session holds a DPoP token, which is not sent without a proof');
    }
    return Object.freeze({ headers: bearerHeaders(held.accessToken, 'access token'), version: held });
  };
  return sessionScheme(core, write, {
    name: 'bearer',
    remedy: (challenge, refused) =>
      canStepUp(core, 'bearer', challenge, refused) ? 'step-up' : bearerRemedy(challenge, refused),
  });
}
