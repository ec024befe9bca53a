import { directoryOf } from '../../protocol/path-space.js';
import { isFieldText } from '../../protocol/syntax.js';
import type { Person } from './person.js';
import { type Place, placeOf } from './request-target.js';
import { Space } from './space.js';

/** Realms and domains are the server's to choose: no more of them are remembered. */
const MOST = 64;

/** The protection spaces of one scheme, and the prefixes of URLs that are known to lie in them. */
export class Spaces {
  readonly #spaces = new Map<string, Space>();
  readonly #prefixes = new Map<string, Space>();
  readonly #person: Person | undefined;

  /** `person`: who is sent everywhere, where that is known from the start. */
  constructor(person: Person | undefined) {
    this.#person = person;
  }

  of({ origin }: Place, realm: string): Space {
    const key = `${origin} ${realm}`;
    const space = this.#spaces.get(key) ?? new Space(origin, realm, this.#person);
    put(this.#spaces, key, space);
    return space;
  }

  /** The one with the longest prefix of this place. */
  at({ origin, target }: Place): Space | undefined {
    const url = origin + target;
    let longest = '';
    for (const prefix of this.#prefixes.keys()) {
      if (prefix.length > longest.length && url.startsWith(prefix)) longest = prefix;
    }
    return this.#prefixes.get(longest);
  }

  /** Somebody was let in here: what `domain` names lies in the space, without it all of the origin (RFC 7616, section 3.3). */
  add(space: Space, place: Place, domain: string | undefined): void {
    if (this.at(place) === space) return;
    const { origin } = space;
    const prefixes = prefixesOf(domain, origin);
    for (const prefix of prefixes) if (!this.#prefixes.has(prefix)) put(this.#prefixes, prefix, space);
    const url = origin + place.target;
    // where realms share an origin, the place itself tells them apart
    if (prefixes.some((prefix) => url.startsWith(prefix))) put(this.#prefixes, directoryOf(url), space);
  }
}

/** Absolute, and of this origin only: no server speaks for another. */
function prefixesOf(domain: string | undefined, origin: string): string[] {
  const named = domain?.match(/\S+/g)?.slice(0, MOST);
  if (named === undefined) return [`${origin}/`];
  return named.flatMap((uri) => {
    const absolute = /^\/(?![/\\])/.test(uri) ? origin + uri : uri;
    const place = isFieldText(uri) && /^https?:/i.test(absolute) ? placeOf(absolute) : undefined;
    return place?.origin === origin ? [origin + place.target] : [];
  });
}

function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MOST) map.delete(map.keys().next().value as string);
}
