import type { Credentials } from '../protocol/credentials.js';
import { type Held, type Replaced, sessionCore } from '../protocol/session-core.js';
import { stepUpNeed } from '../protocol/step-up.js';
import type { CookieSession } from '../session/types.js';
import type { MaybePromise } from '../types.js';
import type { SessionScheme } from './auth.js';

/** The cookies of the platform (RFC 6265, section 5.4) stamped with what is known of them, and a header against forgery. */
export function cookie(session: CookieSession): SessionScheme {
  const core = session[sessionCore];
  const { csrf } = core;

  const stamp = (held: Held): MaybePromise<Credentials> => {
    if (csrf === undefined) return { cookies: true, version: held };
    const token = csrf.token();
    const write = (text: string | undefined): Credentials => ({
      cookies: true,
      version: held,
      headers: text === undefined || text === '' ? undefined : { [csrf.header]: text },
    });
    return isPromiseLike(token) ? token.then(write) : write(token);
  };
  const take = (replaced: Replaced) => {
    if (!('held' in replaced)) return replaced;
    const { minted } = replaced;
    const credentials = stamp(replaced.held);
    return isPromiseLike(credentials)
      ? credentials.then((ready) => ({ credentials: ready, minted }))
      : { credentials, minted };
  };
  return {
    name: 'cookie',
    absent: 'signed-out',
    // fetch hands a header of ours on to another origin; cookies it does not
    redirects: csrf === undefined ? 'fetch' : 'by-hand',
    begin: () => core.begin(),
    credentials(target) {
      const held = core.current(target.begun);
      // A session that is not known yet has a stamp for it; one that is signed out sends no cookies.
      return isPromiseLike(held) ? held.then((ready) => ready && stamp(ready)) : held && stamp(held);
    },
    remedy(challenge, refused) {
      // a cookie has no auth-scheme: whatever the challenge names, the session is what was refused
      if (stepUpNeed(challenge) !== undefined) return undefined;
      return refused === undefined ? 'answer' : 'replace';
    },
    replace(refused, target, challenge, signal) {
      const replaced = core.replace(refused.version as Held, target.begun, challenge, signal);
      return isPromiseLike(replaced) ? replaced.then(take) : take(replaced);
    },
    learn(sent, _target, response) {
      const { status } = response;
      if (sent !== undefined && status !== 401 && status < 500) {
        core.accepted(sent.version as Held);
      }
    },
  };
}

function isPromiseLike<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}
