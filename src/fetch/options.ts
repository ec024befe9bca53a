import type { AuthEvent } from '../events.js';
import type { Auth } from '../schemes/auth.js';
import type { FetchLike, MaybePromise } from '../types.js';

/** Looks into a response without consuming what the caller gets: at most 64 KiB, never an event stream. */
export interface Peek {
  /** undefined where the body is no JSON, too long, or an event stream. */
  // biome-ignore lint/suspicious/noExplicitAny: like Response.json
  json(): Promise<any>;
  /** At most the first 64 KiB; '' for an event stream. */
  text(): Promise<string>;
}

/** What the auth fetch and the client are told: who answers challenges, and who may see credentials. */
export interface AuthOptions {
  /** What answers challenges; a session means `bearer(session)`. */
  auth: Auth;
  /** The origins that may see credentials; a URL stands for its origin (RFC 9110, section 11.5). @default that of `baseUrl`; in a page, its own */
  origins?: string | URL | readonly (string | URL)[] | undefined;
  /** The http origins off loopback that may see credentials nevertheless. @default none */
  allowInsecure?: readonly string[] | undefined;
  /**
   * Recognizes a refusal that is no 401, such as 419 or a GraphQL error.
   *
   * @example
   * ```ts
   * isUnauthorized: (response) => response.status === 419
   * ```
   */
  isUnauthorized?: ((response: Response, peek: Peek) => MaybePromise<boolean>) | undefined;
  /** How much of a stream body is kept for a replay, in bytes. @default 1_048_576 */
  maxReplayBytes?: number | undefined;
  /** What becomes of a refused request whose body can be sent only once; 'throw': a NotReplayableError. @default 'deliver' */
  onOneShot?: 'deliver' | 'throw' | undefined;
  /** Is told what happens to refused requests; what it throws is ignored. */
  observe?: ((event: AuthEvent) => void) | undefined;
}

/** The options of `createAuthFetch`. */
export interface AuthFetchOptions extends AuthOptions {
  /** Relative inputs resolve against it. @default the origin of the page */
  baseUrl?: string | URL | undefined;
  /** What sends the requests. @default globalThis.fetch, looked up at each call */
  fetch?: FetchLike | undefined;
}

/** A `fetch` that answers HTTP 401; `auth: false` sends one call without credentials. */
export type AuthFetch = typeof globalThis.fetch &
  ((
    input: Parameters<FetchLike>[0],
    init?: Parameters<FetchLike>[1] & { auth?: false | undefined },
  ) => Promise<Response>);
