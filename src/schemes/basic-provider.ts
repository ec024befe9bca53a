import type { Credentials } from '../protocol/credentials.js';
import { readChallenges } from '../protocol/read-challenges.js';
import type { MaybePromise } from '../types.js';
import { basicAuthorization } from './basic-authorization.js';
import { Held, type Space, Spaces } from './basic-spaces.js';
import { joined } from './joined.js';
import type { Scheme, Target } from './scheme.js';
import type { UserPassword } from './user-password.js';

/** Where the credentials of a realm come from: a password store, or a prompt. Nothing: send none. */
export type UserPasswordProvider = (ask: {
  /** As the server wrote it: not to be trusted, not to be shown as HTML. */
  readonly realm: string | undefined;
  /** The last credentials of this realm were refused. */
  readonly refused: boolean;
  readonly url: string;
}) => MaybePromise<UserPassword | undefined>;

export function basicFromProvider(provider: UserPasswordProvider): Scheme {
  const spaces = new Spaces();
  /** Calls that were refused without any challenge: what they are asked for next is an answer. */
  const unchallenged = new WeakSet<Target>();

  async function obtain(space: Space, url: string): Promise<Held | undefined> {
    const given = await provider({ realm: space.realm, refused: space.refused !== undefined, url });
    if (given === undefined || given === null) return undefined;
    return hold(space, basicAuthorization(given));
  }

  const ask = (space: Space, url: string) => joined(space, () => obtain(space, url));

  return {
    name: 'basic',
    credentials(target, challenge) {
      const { url } = target;
      if (challenge === undefined && !unchallenged.has(target)) return spaces.accepted(url)?.credentials;
      const space = spaces.of(url, challenge);
      return space.held?.credentials ?? ask(space, url).then((held) => held?.credentials);
    },
    remedy(challenge, refused) {
      if (challenge !== undefined && challenge.scheme !== 'basic') return undefined;
      if (refused === undefined) return 'answer';
      const sameRealm = challenge === undefined || heldOf(refused)?.space.realm === challenge.params['realm'];
      return sameRealm ? 'replace' : 'answer';
    },
    async replace(refused, { url }) {
      const old = heldOf(refused);
      if (old === undefined) return { undelivered: 'no-credentials' };
      const { space } = old;
      const held = space.held;
      if (held && held.authorization !== old.authorization)
        return { credentials: held.credentials, minted: false };
      // learn() knew it, unless isUnauthorized saw a refusal in another status.
      if (held || space.refused === undefined) spaces.refuse(old);
      const next = await ask(space, url);
      if (next === undefined) return { undelivered: 'no-credentials' };
      if (next.authorization === old.authorization) return { undelivered: 'refused-again' };
      return { credentials: next.credentials, minted: true };
    },
    learn(sent, target, { status, headers }) {
      const held = sent && heldOf(sent);
      const field = headers.get('www-authenticate');
      if (status === 401 && !field) unchallenged.add(target);
      if (held === undefined || status < 200 || status >= 500) return;
      if (status !== 401) spaces.accept(held, target.url);
      else if (refuses(field, held)) spaces.refuse(held);
    },
  };
}

function hold(space: Space, authorization: string): Held {
  if (space.held?.authorization === authorization) return space.held;
  const held = new Held(space, authorization);
  if (authorization !== space.refused) space.held = held;
  return held;
}

function heldOf(credentials: Credentials): Held | undefined {
  return credentials.version as Held | undefined;
}

/** A challenge of another realm only says that these credentials do not belong here. */
function refuses(field: string | null, { space }: Held): boolean {
  const own = readChallenges(field).filter(({ scheme }) => scheme === 'basic');
  return own.length === 0 || own.some(({ params }) => params['realm'] === space.realm);
}
