import { andThen } from '../promise.js';
import type { Credentials } from '../protocol/credentials.js';
import { type Held, type SessionCore, sessionCore } from '../protocol/session-core.js';
import type { MaybePromise } from '../types.js';
import type { SessionScheme } from './auth.js';

/** What schemes over a session have in common; `write` makes credentials of what the session holds. */
export function sessionScheme(
  core: SessionCore,
  write: (held: Held) => MaybePromise<Credentials>,
  own: Pick<SessionScheme, 'name' | 'remedy' | 'redirects'>,
): SessionScheme {
  // one that is signed out has nothing to send
  const writeHeld = (held: Held | undefined) => held && write(held);
  return {
    ...own,
    absent: 'signed-out',
    [sessionCore]: core,
    begin: () => core.begin(),
    credentials: (target) => andThen(core.current(target.begun), writeHeld),
    replace: (refused, target, challenge, signal) =>
      andThen(core.replace(refused.version as Held, target.begun, challenge, signal), (replaced) =>
        'held' in replaced
          ? andThen(write(replaced.held), (credentials) => ({ credentials, minted: replaced.minted }))
          : replaced,
      ),
    learn(sent, _target, { status }) {
      if (sent !== undefined && status !== 401 && status < 500) core.accepted(sent.version as Held);
    },
  };
}
