import { andThen, isPromise } from '../promise.js';
import type { Credentials } from '../protocol/credentials.js';
import { type Held, type Replaced, type SessionCore, sessionCore } from '../protocol/session-core.js';
import type { MaybePromise } from '../types.js';
import type { SessionScheme } from './auth.js';
import { replaceHeld } from './step-up.js';

type Taken =
  | { readonly credentials: Credentials; readonly minted: boolean }
  | Extract<Replaced, { undelivered: unknown }>;

/** What schemes over a session have in common; `write` makes credentials of what the session holds. */
export function sessionScheme(
  core: SessionCore,
  write: (held: Held) => MaybePromise<Credentials>,
  own: Pick<SessionScheme, 'name' | 'remedy' | 'redirects'>,
): SessionScheme {
  // what is read anew for every sending is followed by hand as well
  const isStable = own.redirects !== 'by-hand';
  let lastHeld: Held | undefined;
  let lastWritten: Credentials | undefined;
  const writeHeld = (held: Held | undefined): MaybePromise<Credentials | undefined> => {
    // one that is signed out has nothing to send
    if (held === undefined || held === lastHeld) return held && lastWritten;
    const written = write(held);
    if (isStable && !isPromise(written)) {
      lastHeld = held;
      lastWritten = written;
    }
    return written;
  };
  const take = (replaced: Replaced): MaybePromise<Taken> =>
    'held' in replaced
      ? andThen(writeHeld(replaced.held), (credentials) => ({
          credentials: credentials as Credentials,
          minted: replaced.minted,
        }))
      : replaced;
  // a crowd that waits for one renewal is given one promise: it is written down once, where that is the same for all
  let lastReplaced: unknown;
  let lastTaken: MaybePromise<Taken> | undefined;
  const takeOnce = (replaced: MaybePromise<Replaced>): MaybePromise<Taken> => {
    if (!isStable || !isPromise(replaced)) return andThen(replaced, take);
    if (replaced !== lastReplaced || lastTaken === undefined) {
      lastReplaced = replaced;
      lastTaken = replaced.then(take);
    }
    return lastTaken;
  };
  return {
    ...own,
    absent: 'signed-out',
    [sessionCore]: core,
    begin: () => core.begin(),
    credentials(target) {
      const held = core.current(target.begun);
      // the everyday answer, told from a promise by being the same as last time
      return held !== undefined && held === lastHeld ? lastWritten : andThen(held, writeHeld);
    },
    // the corridor frees who aborts
    replace: (refused, target, challenge) =>
      takeOnce(replaceHeld(core, refused.version as Held, target, challenge)),
    learn(sent, _target, { status }) {
      if (sent !== undefined && status !== 401 && status < 500) core.accepted(sent.version as Held);
    },
  };
}
