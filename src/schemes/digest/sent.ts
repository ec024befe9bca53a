import { formatAuthorization } from '../../protocol/credentials.js';
import type { Lane, Nonce } from './nonces.js';
import type { Person } from './person.js';
import type { Place } from './request-target.js';
import type { Space } from './space.js';
import type { Qop, Terms } from './terms.js';

/** What RFC 7616, section 3.4, wants without quotes. */
const BARE = ['username*', 'algorithm', 'qop', 'nc', 'userhash'];

/** What one sending is made of. */
interface Parts {
  readonly space: Space;
  readonly lane: Lane;
  readonly person: Person;
  readonly place: Place;
  readonly qop: Qop | undefined;
  /** How many challenges its call has answered; 0: it was sent before any. */
  readonly round: number;
  /** Makes the client's nonce. */
  readonly cnonce: () => string;
}

/** One sending: it has a nonce count of its own, and is the identity by which its refusal is told. */
export class Sent {
  readonly space: Space;
  readonly lane: Lane;
  readonly person: Person;
  readonly place: Place;
  readonly qop: Qop | undefined;
  readonly round: number;
  readonly cnonce: string | undefined;
  /** This use of the nonce. */
  readonly use: number;
  /** It was let in: a later refusal is of another sending. */
  wasTaken = false;

  constructor({ space, lane, person, place, qop, round, cnonce }: Parts) {
    this.space = space;
    this.lane = lane;
    this.person = person;
    this.place = place;
    this.qop = qop;
    this.round = round;
    const { terms, nonce } = lane;
    if (terms.isSession) nonce.start.cnonce ??= cnonce();
    this.cnonce = terms.isSession ? nonce.start.cnonce : qop && cnonce();
    this.use = ++nonce.count;
  }

  get nc(): string {
    return this.use.toString(16).padStart(8, '0');
  }

  /** The Authorization field (RFC 7616, section 3.4). */
  authorization(method: string, bodyHash: string | undefined): string {
    const { lane, person, place, qop, cnonce } = this;
    const { terms, nonce } = lane;
    const all: Record<string, string | undefined> = {
      ...named(person, terms),
      realm: terms.realm,
      nonce: nonce.value,
      uri: place.target,
      algorithm: terms.algorithm,
      response: this.digest(method, bodyHash),
      opaque: terms.opaque,
      qop,
      nc: qop && this.nc,
      cnonce,
      userhash: terms.userhash ? 'true' : undefined,
    };
    const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return formatAuthorization('Digest', Object.fromEntries(given), BARE);
  }

  /** KD over A1, the nonces and A2 (RFC 7616, section 3.4.1); without a method it is the server's (section 3.5: rspauth). */
  digest(method: string, bodyHash: string | undefined): string {
    const { lane, person, place, qop, cnonce, nc } = this;
    const { hash, realm, isSession } = lane.terms;
    const nonce: Nonce = lane.nonce;
    const key = person.key(hash, realm);
    const a1 = isSession ? hash(`${key}:${nonce.start.value}:${cnonce}`) : key;
    const a2 = hash(`${method}:${place.target}${qop === 'auth-int' ? `:${bodyHash}` : ''}`);
    return hash(`${a1}:${nonce.value}:${qop ? `${nc}:${cnonce}:${qop}:` : ''}${a2}`);
  }
}

/** The name as it is, hashed, or in the notation of RFC 8187 where it is more than ASCII (RFC 7616, section 3.4). */
function named(person: Person, { hash, realm, userhash }: Terms): Record<string, string> {
  const { username } = person;
  if (userhash) return { username: person.hashedName(hash, realm) };
  if (/^[ -~]*$/.test(username)) return { username };
  const escaped = encodeURIComponent(username).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return { 'username*': `UTF-8''${escaped}` };
}
