import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';
import { sessionCore } from '../protocol/session-core.js';
import type { Session } from '../session/types.js';
import { bearerHeaders } from './bearer-headers.js';
import { bearerRemedy } from './bearer-remedy.js';
import { sessionBearer } from './bearer-session.js';
import { type TokenSource, tokenSourceBearer } from './bearer-source.js';
import type { Remedy, Scheme } from './scheme.js';

/**
 * The auth-scheme "Bearer" (RFC 6750, section 2.1) over a session, a function that gives tokens (another SDK's, or those of
 * the token server that a challenge names), or one token that never changes.
 *
 * @throws TypeError where `source` is none of these, or a token that no header can carry.
 * @example
 * ```ts
 * bearer(session)
 * bearer(process.env.GITHUB_TOKEN ?? '')
 * bearer(({ refused }) => sdk.getToken({ skipCache: refused !== undefined }))
 * bearer(({ challenge }) => challenge && askTokenServer(challenge.params))
 * ```
 */
export function bearer(source: Session | TokenSource | string): Scheme {
  if (typeof source === 'string') {
    const credentials: Credentials = Object.freeze({
      headers: bearerHeaders(source, 'source'),
      version: source,
    });
    return { name: 'bearer', credentials: () => credentials, remedy: answerOnly };
  }
  if (typeof source === 'function') return tokenSourceBearer(source);
  const core = (source as Session | undefined)?.[sessionCore];
  if (core === undefined) {
    throw new TypeError('bearer: `source` must be a session, a token, or a function that returns one');
  }
  return sessionBearer(core);
}

function answerOnly(challenge: Challenge | undefined, refused: Credentials | undefined): Remedy {
  return refused === undefined ? bearerRemedy(challenge, refused) : undefined;
}
