import type { Challenge } from './challenge.js';
import type { Credentials } from './credentials.js';

/** What is done about a refusal: answer the challenge, replace the credentials, or ask for more. */
export type Action = 'answer' | 'replace' | 'step-up';

/** One sending and how its credentials were come by. */
export interface Attempt {
  /** The scheme, by its place in the user's order; -1: no credentials of any. */
  readonly scheme: number;
  /** undefined: sent before any challenge. */
  readonly by: Action | undefined;
  /** undefined: asked for, and there were none; nothing was sent for it. */
  readonly credentials: Credentials | undefined;
  /** Of a replacement: new, not adopted from somebody else's. */
  readonly minted?: boolean | undefined;
  /** Which challenge it was for. */
  readonly challenge?: Challenge | undefined;
  /** Sent before any challenge, to a server that is known to take this scheme. */
  readonly known?: boolean | undefined;
}

/** What a scheme could do about the challenge at hand. */
export interface Offer {
  readonly scheme: number;
  readonly action: Action;
  readonly challenge: Challenge | undefined;
  /** Also where credentials of a scheme before it were refused. */
  readonly fallback?: boolean | undefined;
}

/** Are these the credentials that were refused? Those without a version are compared by what they write. */
export function sameCredentials(a: Credentials, b: Credentials): boolean {
  if (a === b) return true;
  if (a.version !== b.version) return false;
  return (
    a.version !== undefined ||
    (a.cookies === b.cookies && sameMembers(a.headers, b.headers) && sameMembers(a.query, b.query))
  );
}

/** The credentials that this scheme sent last in this exchange. */
export function lastSent(attempts: readonly Attempt[], scheme: number): Credentials | undefined {
  for (let i = attempts.length - 1; i >= 0; i--) {
    const attempt = attempts[i] as Attempt;
    if (attempt.scheme === scheme && attempt.credentials !== undefined) return attempt.credentials;
  }
  return undefined;
}

/** Whether who has nothing for the one has nothing for the other: nonces and algorithms do not matter for that. */
export function sameSpace(a: Challenge | undefined, b: Challenge | undefined): boolean {
  return SPACE.every((name) => a?.params[name] === b?.params[name]);
}

const SPACE = ['realm', 'service', 'scope'];

type Members = Readonly<Record<string, string>>;

function sameMembers(a: Members = {}, b: Members = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
