import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';
import { jwtExpiry } from '../protocol/lifetime.js';
import { directoryOf, isBelow, originText } from '../protocol/path-space.js';
import type { SharedWork } from '../shared-work.js';
import type { MaybePromise } from '../types.js';
import { bearerHeaders } from './bearer-headers.js';
import { needKey, resourceOf } from './bearer-need.js';
import type { TokenSource } from './bearer-source.js';
import { joined } from './joined.js';
import type { Target } from './scheme.js';

/** What one origin asks for by realm, service and scope, and the token for it. */
export interface Need {
  readonly key: string;
  readonly challenge: Challenge;
  held: AskedToken | undefined;
  /** When `held` is no longer sent without being asked for, in milliseconds since 1970. */
  until: number;
  /** The function is being asked. */
  asking: SharedWork<AskedToken | undefined> | undefined;
  /** The refused token that it was told of. */
  told: string | undefined;
}

/** Credentials that know what they were asked for. */
export class AskedToken implements Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly version: string;
  readonly need: Need;

  constructor(need: Need, token: string) {
    this.need = need;
    this.headers = bearerHeaders(token, 'token of the function');
    this.version = token;
    Object.freeze(this);
  }
}

/** Realms and scopes are the server's to choose: no more of them are remembered, and of places where they were taken. */
const MOST = 100;
/** No token server issues one that lives shorter; one that says nothing of its life is kept no longer. */
const LIFE_MS = 60_000;

/** The tokens that a function returned for challenges, each kept for its origin, realm, service and scope. */
export class AskedTokens {
  readonly #source: TokenSource;
  readonly #needs = new Map<string, Need>();
  readonly #places = new Map<string, Need>();

  constructor(source: TokenSource) {
    this.#source = source;
  }

  /** For this challenge: the one that is held, or what the function is asked for, once for all who wait. */
  answer({ url }: Target, challenge: Challenge): MaybePromise<AskedToken | undefined> {
    const key = needKey(challenge);
    const place = `${originText(url)} ${key}`;
    let need = this.#needs.get(place);
    if (need === undefined) {
      need = { key, challenge, held: undefined, until: 0, asking: undefined, told: undefined };
      put(this.#needs, place, need);
    }
    return this.#current(need);
  }

  /** Before any challenge: for what was asked for in the deepest place above the URL, in requests of this kind. */
  before({ url, method }: Target): MaybePromise<AskedToken | undefined> {
    const kind = kindOf(method);
    let found: Need | undefined;
    let depth = 0;
    for (const [place, need] of this.#places) {
      if (place.length <= depth || !place.startsWith(kind) || !isBelow(place.slice(kind.length), url))
        continue;
      found = need;
      depth = place.length;
    }
    return found && this.#current(found);
  }

  /** In place of a refused one: the one that replaced it, or what the function is asked for now. */
  async replace(refused: AskedToken): Promise<{ token: AskedToken | undefined; minted: boolean }> {
    const { need, version } = refused;
    const { asking, told } = need;
    const orphaned = async () => {
      if (need.asking === asking) need.asking = undefined;
      return undefined;
    };
    const joined = await asking?.join(orphaned);
    // the function may not have been told that this one was refused
    if (asking?.isLive && told === version) return { token: joined, minted: false };
    const { held } = need;
    if (held !== undefined && held.version !== version) return { token: held, minted: false };
    const minted = need.asking === undefined;
    need.held = undefined;
    return { token: await this.#ask(need, version), minted };
  }

  /** It was taken here: requests of this kind below this place need the same. */
  accept({ need }: AskedToken, { url, method }: Target): void {
    const place = kindOf(method) + placeOf(url, need.challenge);
    if (this.#places.get(place) !== need) put(this.#places, place, need);
  }

  /** It can less than what it was asked for: the function is asked again next time. */
  drop(token: AskedToken): void {
    if (token.need.held === token) token.need.held = undefined;
  }

  #current(need: Need): MaybePromise<AskedToken | undefined> {
    return need.held !== undefined && Date.now() < need.until ? need.held : this.#ask(need, undefined);
  }

  #ask(need: Need, refused: string | undefined): Promise<AskedToken | undefined> {
    return joined(need, async () => {
      need.told = refused;
      const token = await this.#source({ refused, challenge: need.challenge });
      if (token === undefined || token === '' || token === null) return undefined;
      const next = new AskedToken(need, token);
      if (token !== refused) {
        const now = Date.now();
        need.held = next;
        need.until = jwtExpiry(token, now) ?? now + LIFE_MS;
      }
      return next;
    });
  }
}

/** Whoever may read may not write. */
function kindOf(method: string): string {
  return method === 'GET' || method === 'HEAD' ? 'read ' : 'write ';
}

/** The URL up to the resource that the scope names, where its path has it; else its directory. */
function placeOf(url: string, challenge: Challenge): string {
  const name = resourceOf(challenge);
  const at = name === undefined ? -1 : url.indexOf(`/${name}/`, originText(url).length);
  const place = name === undefined || at < 0 ? '' : url.slice(0, at + name.length + 2);
  return place === '' || /[?#]/.test(place) ? directoryOf(url) : place;
}

function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MOST) map.delete(map.keys().next().value as string);
}
