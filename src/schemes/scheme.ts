import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';
import type { Reason } from '../protocol/outcome.js';
import type { MaybePromise } from '../types.js';

/** The request a scheme writes credentials for; no Request is built to sign one. */
export interface Target {
  /** Absolute, as it will be sent. */
  readonly url: string;
  readonly method: string;
  /** As they will be sent, Content-Type included. */
  readonly headers: { get(name: string): string | null; has(name: string): boolean };
  /** 'none', 'stream' (cannot be read without spending it), or the exact bytes: reading pins them, these are sent. */
  readonly body: 'none' | 'stream' | (() => Promise<Uint8Array<ArrayBuffer>>);
  /** What {@link Scheme.begin} returned when the call began. */
  readonly begun?: unknown;
}

/** What could be done about a refusal: answer the challenge, replace the credentials, or ask for more. */
export type Remedy = 'answer' | 'replace' | 'step-up' | undefined;

/** A response whose server has not proven itself: reported, and thrown where there is an `error`. */
export interface Doubt {
  /** The proof is wrong, is not there, or is over what cannot be read. */
  readonly reason: 'mismatch' | 'absent' | 'unreadable';
  readonly error?: Error | undefined;
}

/** How credentials are written on a request and how its challenges are answered (RFC 9110, section 11.1: auth-scheme). */
export interface Scheme {
  readonly name: string;
  /** 'by-hand': credentials stand where fetch forwards them across origins. @default 'fetch' */
  readonly redirects?: 'fetch' | 'by-hand' | undefined;
  /**
   * Of several schemes: whether this one is also tried where credentials of one before it were refused. By default no call
   * goes down from a stronger scheme, as from Digest to Basic: `auth: [digest(user), { ...basic(user), fallback: true }]`.
   *
   * @default false
   */
  readonly fallback?: boolean | undefined;
  /** What a call must still hold when it is replayed; runs before the first await, kept as target.begun. */
  begin?(): unknown;
  /** Before being asked, or for a challenge; synchronous when it can be. */
  credentials(target: Target, challenge?: Challenge): MaybePromise<Credentials | undefined>;
  /** What could be done about this challenge, given what was just refused. @default never */
  remedy?(challenge: Challenge | undefined, refused: Credentials | undefined): Remedy;
  /** Others than the refused, or why not; `minted`: new, not adopted. Joins a replacement under way. Also called for 'step-up'. */
  replace?(
    refused: Credentials,
    target: Target,
    challenge: Challenge | undefined,
    signal?: AbortSignal,
  ): MaybePromise<
    { readonly credentials: Credentials; readonly minted: boolean } | { readonly undelivered: Reason }
  >;
  /** What a response to this sending teaches. Runs before remedy. */
  learn?(sent: Credentials | undefined, target: Target, response: Response): void;
  /** What is to be doubted of a response to these credentials (RFC 7616, section 3.5: rspauth). Runs after learn. */
  verify?(sent: Credentials, response: Response): MaybePromise<Doubt | undefined>;
}

/**
 * A scheme of your own: infers its type and checks excess members.
 *
 * @example
 * ```ts
 * const api = createAuthClient({
 *   baseUrl: 'https://api.example.com/',
 *   auth: defineScheme({ name: 'static', credentials: () => ({ headers: { 'X-Auth': 'v' } }) }),
 * });
 * ```
 */
export function defineScheme<const S extends Scheme>(
  scheme: S & { readonly [Member in Exclude<keyof S, keyof Scheme>]: never },
): S {
  return scheme;
}
