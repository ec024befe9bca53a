import { andThen } from '../../promise.js';
import type { Credentials } from '../../protocol/credentials.js';
import { readChallenges } from '../../protocol/read-challenges.js';
import type { MaybePromise } from '../../types.js';
import type { UserPasswordProvider } from '../basic-provider.js';
import type { Scheme, Target } from '../scheme.js';
import type { UserPassword } from '../user-password.js';
import { nextNonce, readInfo } from './authentication-info.js';
import type { Lane } from './nonces.js';
import { type DigestOptions, readSettings } from './options.js';
import { askedPeople, givenPerson } from './people.js';
import type { Person } from './person.js';
import { doubtAbout } from './proof.js';
import { protectionOf } from './protection.js';
import { placeOf } from './request-target.js';
import { Sent } from './sent.js';
import type { Space } from './space.js';
import { Spaces } from './spaces.js';
import { readTerms, type Terms } from './terms.js';

/** So many challenges a call answers for the same person: a server that finds every nonce stale is left alone. */
const MOST_ROUNDS = 2;

/**
 * The auth-scheme "Digest" (RFC 7616; the form of RFC 2069 where a server knows no qop): MD5, SHA-256, SHA-512-256 and
 * their `-sess` forms, with the request's body where the server offers `auth-int`.
 *
 * Nothing is sent before a server has challenged. Then requests of its protection space (`domain`, or the origin) carry
 * credentials without being asked for. A stale nonce is replaced, a refused password is not sent again in that call. A
 * function is asked when a server challenges, once for all requests that wait, and again when what it returned was refused.
 *
 * @throws TypeError where an option cannot be, or `username` or `password` is no text that RFC 7616 can encode; from the
 * call, where a function returned it. ServerNotVerifiedError from the call, with `verifyServer`.
 * @example
 * ```ts
 * digest({ username: 'Mufasa', password: 'Circle of Life' })
 * digest(({ realm, refused }) => prompt.signIn(`Sign in to ${realm}`, { again: refused }), { algorithms: ['SHA-256'] })
 * ```
 */
export function digest(credentials: UserPassword | UserPasswordProvider, options?: DigestOptions): Scheme {
  if (typeof credentials !== 'function' && (typeof credentials !== 'object' || credentials === null)) {
    throw new TypeError(
      'digest: `credentials` must be { username, password } or a function that returns them',
    );
  }
  const { algorithms, verifyServer, cnonce } = readSettings(options);
  const people = typeof credentials === 'function' ? askedPeople(credentials) : givenPerson(credentials);
  const spaces = new Spaces(people.everywhere);
  const rounds = new WeakMap<Target, number>();

  /** The nonce is counted here, when all that is waited for is there. */
  function write(target: Target, space: Space, lane: Lane, person: Person, round: number) {
    const protection = protectionOf(lane.terms, target);
    if (protection === undefined) return undefined;
    const { qop, bytes } = protection;
    const place = placeOf(target.url);
    const { method } = target;
    return andThen<string | Uint8Array, Credentials>(bytes?.() ?? '', (body) => {
      const sent = new Sent({ space, lane, person, place, qop, round, cnonce });
      const Authorization = sent.authorization(
        method,
        qop === 'auth-int' ? lane.terms.hash(body) : undefined,
      );
      return Object.freeze({ headers: Object.freeze({ Authorization }), version: sent });
    });
  }

  /** For a challenge, with its nonce. */
  function answer(
    target: Target,
    terms: Terms,
    person: Person | undefined,
  ): MaybePromise<Credentials | undefined> {
    if (person === undefined) return undefined;
    const space = spaces.of(placeOf(target.url), terms.realm);
    const lane = { terms, nonce: space.nonces.challenged(terms.nonce) };
    return write(target, space, lane, person, rounds.get(target) ?? 0);
  }

  return {
    name: 'digest',
    // a redirected request has another request-target, and so other credentials
    redirects: 'by-hand',
    credentials(target, challenge) {
      const { url } = target;
      const terms = readTerms(challenge, algorithms);
      if (terms !== undefined) {
        rounds.set(target, (rounds.get(target) ?? 0) + 1);
        const space = spaces.of(placeOf(url), terms.realm);
        return andThen(people.of(space, url), (person) => answer(target, terms, person));
      }
      const space = challenge === undefined ? spaces.at(placeOf(url)) : undefined;
      const lane = space?.person && space.nonces.take();
      return space?.person && lane && write(target, space, lane, space.person, 0);
    },
    remedy(challenge, refused) {
      const terms = readTerms(challenge, algorithms);
      if (terms === undefined) return undefined;
      const sent = sentOf(refused);
      if (sent === undefined) return 'answer';
      return isOutdated(sent, terms) && sent.round < MOST_ROUNDS ? 'answer' : 'replace';
    },
    async replace(refused, target, challenge) {
      const sent = sentOf(refused);
      const terms = readTerms(challenge, algorithms);
      if (sent === undefined || terms === undefined) return { undelivered: 'no-credentials' };
      if (isOutdated(sent, terms)) return { undelivered: 'refused-again' };
      // learn() knew it, unless isUnauthorized saw a refusal in another status
      people.refuse(sent);
      const other = await people.other(sent, target.url);
      if (typeof other === 'string') return { undelivered: other };
      const written = await answer(target, terms, other.person);
      if (written === undefined) return { undelivered: 'no-credentials' };
      return { credentials: written, minted: other.isNew };
    },
    learn(credentials, _target, response) {
      const sent = sentOf(credentials);
      if (sent === undefined) return;
      const { space, lane, use } = sent;
      if (response.status === 401) {
        const own = ownTerms(response, sent);
        if (own === 'other-realm') return;
        space.nonces.end(lane.nonce);
        if (own !== undefined && !isOutdated(sent, own)) people.refuse(sent);
        return;
      }
      space.nonces.goOn(lane, use, nextNonce(readInfo(response)), response.ok);
      if (response.status >= 500) return;
      sent.wasTaken = true;
      spaces.add(space, sent.place, lane.terms.domain);
    },
    verify(credentials, response) {
      const sent = sentOf(credentials);
      return sent && doubtAbout(sent, response, verifyServer);
    },
  };

  function ownTerms(response: Response, { space }: Sent): Terms | 'other-realm' | undefined {
    const all = readChallenges(response.headers.get('www-authenticate')).flatMap(
      (challenge) => readTerms(challenge, algorithms) ?? [],
    );
    return all.find(({ realm }) => realm === space.realm) ?? (all.length > 0 ? 'other-realm' : undefined);
  }
}

/**
 * Whether the refusal is of the nonce and says nothing about the password: it is stale, it is one that the server gave
 * earlier, or another realm's was wanted (RFC 7616, section 3.3: stale).
 */
function isOutdated(sent: Sent, { realm, stale }: Terms): boolean {
  return stale || sent.round === 0 || sent.wasTaken || realm !== sent.space.realm;
}

function sentOf(credentials: Credentials | undefined): Sent | undefined {
  return credentials?.version instanceof Sent ? credentials.version : undefined;
}
