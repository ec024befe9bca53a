import type { SessionRecord } from './record.js';

/** What a loaded record means to a context that holds another. */
export type Found =
  /** Nothing is stored, or what is stored is older: what is known here goes back. */
  | 'put-back'
  /** Nothing new. */
  | 'same'
  /** Another issuer's or client's: ignored, never sent, never cleared. */
  | 'foreign'
  /** The same sign-in, written by somebody else since. */
  | 'newer'
  /** Another sign-in: it ends this one and becomes the session. */
  | 'other'
  /** Another one that ended here: it ends this one, and is not adopted. */
  | 'over';

/** `memoryStore(tokens)` cannot know who will use it. */
export const ANY_BINDING = '*';

/** Whether the record was obtained from this authorization server by this client. */
export function isBoundTo(record: SessionRecord, boundTo: string): boolean {
  return record.boundTo === boundTo || record.boundTo === ANY_BINDING;
}

/** Who asks what a record means to it. */
export interface Reader {
  readonly boundTo: string;
  /** Whether revisions only grow in its store: save is atomic among all contexts. */
  readonly exclusive: boolean;
  /** A sign-in that ended here is never adopted. */
  readonly endedHere: (id: string) => boolean;
  /** The sign-in that is held began here. */
  readonly signedInHere: boolean;
}

/**
 * Decides by revision, never by a token's age: a higher revision always counts, expired or not. In an exclusive store
 * revisions only grow, unless it has lost what was written: then the credentials that were renewed more often are newer.
 */
export function reconcile(
  mine: SessionRecord | undefined,
  loaded: SessionRecord | undefined,
  reader: Reader,
): Found {
  if (!loaded) return mine && !mine.ended ? 'put-back' : 'same';
  if (!isBoundTo(loaded, reader.boundTo)) return 'foreign';
  // Text stores may lose a revision to a race, never a rotation: newer tokens are newer whatever their number.
  if (!reader.exclusive && mine && renews(mine, loaded)) return 'newer';
  if (reader.exclusive) return inOrder(mine, loaded, reader);
  if (mine && loaded.revision <= mine.revision) return 'same';
  if (mine?.id === loaded.id) return mine.ended === 'signed-out' ? 'same' : 'newer';
  return reader.endedHere(loaded.id) ? 'same' : 'other';
}

/** Where revisions only grow, a lower one means that the store has lost what was written since. */
function inOrder(mine: SessionRecord | undefined, loaded: SessionRecord, reader: Reader): Found {
  if (!mine) return reader.endedHere(loaded.id) ? 'same' : 'other';
  if (mine.id === loaded.id) return sameSignIn(mine, loaded);
  if (loaded.revision < mine.revision) return mine.ended ? 'same' : 'put-back';
  if (!reader.endedHere(loaded.id)) return 'other';
  // Put back by another context, which had not heard that it was replaced here.
  if (mine.ended) return 'same';
  return reader.signedInHere ? 'put-back' : 'over';
}

/** Of two records of one sign-in; a tombstone of a sign-out stays whatever its revision. */
function sameSignIn(mine: SessionRecord, loaded: SessionRecord): Found {
  if (mine.ended === 'signed-out') return loaded.ended === 'signed-out' ? 'same' : 'put-back';
  if (loaded.ended === 'signed-out' || isOlder(mine, loaded)) return 'newer';
  // After a loss the same number was given to another record, which may have spent what is held here.
  if (!mine.ended && !isOlder(loaded, mine) && !sameTokens(loaded, mine)) return 'newer';
  if (mine.ended || !isOlder(loaded, mine)) return 'same';
  // What the server said is dead are these very tokens.
  return loaded.ended && loaded.generation === mine.generation ? 'newer' : 'put-back';
}

/** Credentials that were renewed less often, or the same ones of a lower revision. */
function isOlder(a: SessionRecord, b: SessionRecord): boolean {
  return a.generation < b.generation || (a.generation === b.generation && a.revision < b.revision);
}

/** What a save that found another revision than it expected means for the tokens it was to keep. */
export type Conflict = 'written' | 'discard' | 'overwrite' | 'adopt';

/**
 * `next` was to be saved after the refresh token `posted` was spent; `loaded` is what stands there. A revision below
 * `since`, where nothing but a loss lowers it, is older than what was posted.
 */
export function conflict(
  next: SessionRecord,
  posted: string | undefined,
  loaded: SessionRecord | undefined,
  since = 0,
): Conflict {
  if (!loaded) return 'overwrite';
  if (loaded.id !== next.id) return loaded.revision < since ? 'overwrite' : 'discard';
  if (loaded.ended === 'signed-out') return 'discard';
  // What was rejected may have been renewed more often than what comes late.
  if (loaded.ended === 'rejected') return loaded.generation > next.generation ? 'adopt' : 'overwrite';
  if (sameTokens(loaded, next)) return 'written';
  const isLessRenewed = loaded.generation < next.generation;
  if (loaded.revision < since) return loaded.generation > next.generation ? 'adopt' : 'overwrite';
  // However new it is: with the spent token it is worth nothing where that was rotated.
  const isRotated = next.tokens?.refreshToken !== posted;
  const isSpent = posted === undefined || loaded.tokens?.refreshToken === posted;
  if (isSpent && (isLessRenewed || (isRotated && posted !== undefined))) return 'overwrite';
  // Written, and its refresh token has been rotated since for another access token.
  return sameRenewal(loaded, next) ? 'written' : 'adopt';
}

function sameTokens(a: SessionRecord, b: SessionRecord): boolean {
  return sameRenewal(a, b) && a.tokens?.refreshToken === b.tokens?.refreshToken;
}

function sameRenewal(a: SessionRecord, b: SessionRecord): boolean {
  return (
    a.generation === b.generation &&
    a.mintedAt === b.mintedAt &&
    a.tokens?.accessToken === b.tokens?.accessToken
  );
}

function renews(mine: SessionRecord, loaded: SessionRecord): boolean {
  return mine.id === loaded.id && !mine.ended && !loaded.ended && loaded.generation > mine.generation;
}
