import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';
import { directoryOf, isBelow, originText } from '../protocol/path-space.js';
import type { SharedWork } from '../shared-work.js';

/** A protection space: what one realm of one origin was given (RFC 9110, section 11.5). */
export interface Space {
  readonly realm: string | undefined;
  /** What is sent now. */
  held: Held | undefined;
  /** The Authorization that was refused last; forgotten when one is accepted. */
  refused: string | undefined;
  /** The app is being asked. */
  asking: SharedWork<Held | undefined> | undefined;
}

/** Credentials of one space; the identity by which a late refusal is told. */
export class Held {
  readonly space: Space;
  readonly authorization: string;
  readonly credentials: Credentials;

  constructor(space: Space, authorization: string) {
    this.space = space;
    this.authorization = authorization;
    const headers = Object.freeze({ Authorization: authorization });
    this.credentials = Object.freeze({ headers, version: this });
  }
}

/** Realms are the server's to choose: no more of them are remembered. */
const MOST = 64;

/** The protection spaces of one scheme, and the directories where they are known to begin. */
export class Spaces {
  readonly #spaces = new Map<string, Space>();
  readonly #directories = new Map<string, Held>();

  of(url: string, challenge: Challenge | undefined): Space {
    const realm = challenge?.params['realm'];
    const key = JSON.stringify([originText(url), realm]);
    const known = this.#spaces.get(key);
    if (known) return known;
    const space: Space = { realm, held: undefined, refused: undefined, asking: undefined };
    put(this.#spaces, key, space);
    return space;
  }

  /** What was accepted in the deepest directory above the URL. */
  accepted(url: string): Held | undefined {
    let deepest = '';
    for (const directory of this.#directories.keys()) {
      if (directory.length > deepest.length && isBelow(directory, url)) deepest = directory;
    }
    return this.#directories.get(deepest);
  }

  accept(held: Held, url: string): void {
    held.space.held ??= held;
    if (held.space.held !== held) return;
    held.space.refused = undefined;
    if (this.accepted(url) !== held) put(this.#directories, directoryOf(url), held);
  }

  refuse(held: Held): void {
    const { space } = held;
    space.refused = held.authorization;
    if (space.held === held) space.held = undefined;
    for (const [directory, other] of this.#directories)
      if (other === held) this.#directories.delete(directory);
  }
}

function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MOST) map.delete(map.keys().next().value as string);
}
