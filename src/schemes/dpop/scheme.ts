import { isSignInRequired } from '../../errors.js';
import { andThen } from '../../promise.js';
import type { Credentials } from '../../protocol/credentials.js';
import type { DpopKeyCore } from '../../protocol/dpop-key.js';
import { type Held, type SessionCore, sessionCore } from '../../protocol/session-core.js';
import type { SessionScheme } from '../auth.js';
import type { Target } from '../scheme.js';
import { canStepUp, replaceHeld } from '../step-up.js';
import { originOf } from './htu.js';
import { dpopRemedy, mayProveAgain } from './remedy.js';
import { Sent, sentOf } from './sent.js';

/** The auth-scheme "DPoP" over a session: a proof of its own for every sending. */
export function dpopScheme(core: SessionCore, key: DpopKeyCore): SessionScheme {
  /** What was written last for a call. */
  const written = new WeakMap<Target, Credentials>();

  /** `refused`: what these credentials answer the refusal of. */
  async function write(held: Held, target: Target, refused: Sent | undefined): Promise<Credentials> {
    const Authorization = authorizationOf(held);
    const { method, url } = target;
    const nonce = refused?.supplied ?? key.nonceFor(url);
    const DPoP = await key.prove({ method, url, accessToken: held.accessToken, nonce });
    const version = new Sent(held, nonce, refused !== undefined);
    const credentials = Object.freeze({ headers: Object.freeze({ Authorization, DPoP }), version });
    written.set(target, credentials);
    return credentials;
  }

  return {
    name: 'dpop',
    redirects: 'by-hand',
    absent: 'signed-out',
    [sessionCore]: core,
    begin: () => core.begin(),
    credentials(target, challenge) {
      const last = written.get(target);
      const refused = last && sentOf(last).refused ? sentOf(last) : undefined;
      if (refused && !mayProveAgain(challenge, refused)) return last;
      const current = core.current(target.begun);
      const writeHeld = (held: Held | undefined) => held && write(held, target, refused);
      return refused ? Promise.resolve(current).then(writeHeld, noneIfOver) : andThen(current, writeHeld);
    },
    remedy: (challenge, refused) =>
      canStepUp(core, 'dpop', challenge, refused) ? 'step-up' : dpopRemedy(key.alg, challenge, refused),
    replace: (refused, target, challenge) =>
      andThen(replaceHeld(core, sentOf(refused).held, target, challenge), async (replaced) => {
        if ('undelivered' in replaced) return replaced;
        const { held, minted } = replaced;
        return { credentials: await write(held, target, undefined), minted };
      }),
    learn(credentials, target, { status, headers, url }) {
      // fetch may have followed redirects by itself
      const from = url || target.url;
      const nonce = key.learn(from, headers);
      if (credentials === undefined) return;
      const sent = sentOf(credentials);
      if (status === 401) {
        sent.refused = true;
        sent.supplied = originOf(from) === originOf(target.url) ? nonce : undefined;
      } else if (status < 500) core.accepted(sent.held);
    },
  };
}

/** What was sent and refused is delivered where the sign-in has ended meanwhile. */
function noneIfOver(error: unknown): undefined {
  if (!isSignInRequired(error)) throw error;
}

function authorizationOf({ tokenType, accessToken }: Held): string {
  // RFC 9449, section 5: what is not bound to the key is not sent as if it were
  if (tokenType !== 'DPoP') {
    throw new TypeError('dpop: the session holds a token that is not bound to a key: its type must be DPoP');
  }
  if (!/^[\x21-\x7e]+$/.test(accessToken)) {
    throw new TypeError('dpop: the access token must be one or more visible ASCII characters');
  }
  return `DPoP ${accessToken}`;
}
