import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';
import { type Held, type Replaced, type SessionCore, sessionCore } from '../protocol/session-core.js';
import type { Session } from '../session/types.js';
import type { SessionScheme } from './auth.js';
import { bearerHeaders } from './bearer-headers.js';
import { bearerRemedy } from './bearer-remedy.js';
import { type TokenSource, tokenSourceBearer } from './bearer-source.js';
import type { Remedy, Scheme } from './scheme.js';

/**
 * The auth-scheme "Bearer" (RFC 6750, section 2.1) over a session, another SDK's tokens, or one token that never changes.
 *
 * @throws TypeError where `source` is none of these, or a token that no header can carry.
 * @example
 * ```ts
 * bearer(session)
 * bearer(process.env.GITHUB_TOKEN)
 * bearer(({ refused }) => sdk.getToken({ skipCache: refused !== undefined }))
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

function sessionBearer(core: SessionCore): SessionScheme {
  let lastHeld: Held | undefined;
  let lastCredentials: Credentials | undefined;
  const write = (held: Held | undefined): Credentials | undefined => {
    if (held === lastHeld) return lastCredentials;
    // RFC 9449, section 7.1: a token that is bound to a key is no bearer token
    if (held?.tokenType === 'DPoP') {
      throw new TypeError('bearer: the session holds a DPoP token, which is not sent without a proof');
    }
    const next =
      held && Object.freeze({ headers: bearerHeaders(held.accessToken, 'access token'), version: held });
    lastHeld = held;
    lastCredentials = next;
    return next;
  };
  const take = (replaced: Replaced) =>
    'held' in replaced
      ? { credentials: write(replaced.held) as Credentials, minted: replaced.minted }
      : replaced;
  const scheme: SessionScheme = {
    name: 'bearer',
    absent: 'signed-out',
    [sessionCore]: core,
    begin: () => core.begin(),
    credentials(target) {
      const held = core.current(target.begun);
      return isPromise(held) ? held.then(write) : write(held);
    },
    remedy: bearerRemedy,
    replace(refused, target, challenge, signal) {
      const replaced = core.replace(refused.version as Held, target.begun, challenge, signal);
      return isPromise(replaced) ? replaced.then(take) : take(replaced);
    },
    learn(sent, _target, response) {
      const { status } = response;
      if (sent !== undefined && status !== 401 && status < 500) core.accepted(sent.version as Held);
    },
  };
  return scheme;
}

function isPromise<T extends object>(
  value: T | undefined | Promise<T | undefined>,
): value is Promise<T | undefined> {
  return value !== undefined && typeof (value as { then?: unknown }).then === 'function';
}
