import type { SessionEvent, SignedOutCause } from '../events.js';
import type { Challenge } from '../protocol/challenge.js';
import type { SessionCore, sessionCore } from '../protocol/session-core.js';
import type { TokenInput, TokenSet } from '../protocol/token-set.js';
import type { FetchLike } from '../types.js';
import type { Acquire, DerivedFor, Refresh, Revoke, StepUp } from './grant.js';
import type { TokenStore } from './store.js';

/** What is known of the session; the same object until something changed; holds no secret. */
export type SessionSnapshot<User = undefined> =
  | { readonly status: 'loading'; readonly refreshing: false; readonly user: undefined }
  | {
      readonly status: 'signed-in';
      readonly refreshing: boolean;
      readonly user: User;
      /** Milliseconds since 1970. */
      readonly expiresAt: number | undefined;
      readonly scope: string | undefined;
    }
  | {
      readonly status: 'signed-out';
      readonly refreshing: false;
      readonly user: undefined;
      readonly cause: SignedOutCause;
    };

/** What every session is told, whether or not scripts can read its tokens. */
export interface SharedOptions {
  /** Where the record rests. @default memoryStore() */
  store?: TokenStore | undefined;
  /** How long a caller waits for a refresh, in milliseconds; at most 25_000. @default 8_000, below ky's timeout */
  refreshTimeoutMs?: number | undefined;
  /** Calls back when the app returns to the foreground (React Native's AppState). */
  onResume?: ((resume: () => void) => () => void) | undefined;
  /**
   * Keeps the platform alive for what outlives its request: a refresh, a sign-in or sign-out that is being written, a
   * revocation. Where work ends with its request (Cloudflare Workers, the Edge Runtime) nothing is refreshed beside without it.
   *
   * @default none
   * @example
   * ```ts
   * createSession({ acquire, waitUntil: (work) => ctx.waitUntil(work) });
   * ```
   */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /** What sends the token requests. @default globalThis.fetch, looked up at each call */
  fetch?: FetchLike | undefined;
  /** Milliseconds since 1970. @default Date.now */
  now?: (() => number) | undefined;
  /** Is told every event; what it throws is ignored. */
  observe?: ((event: SessionEvent) => void) | undefined;
}

/** What `createSession` is told. */
export interface SessionOptions<User = undefined> extends SharedOptions {
  /** Renews held tokens (RFC 6749, section 6). */
  refresh?: Refresh | undefined;
  /** Obtains tokens from nothing (RFC 6749, section 4.4). */
  acquire?: Acquire | undefined;
  /**
   * Obtains what a challenge asks for beyond a fresh token: scope, a stronger or newer authentication, claims
   * (RFC 6750, section 3.1; RFC 9470, section 3). Its tokens replace the held ones, and the request is sent once more; null
   * declines, and the response is delivered. It may take up to 10 minutes; one runs at a time.
   *
   * @example
   * ```ts
   * stepUp: (need) => (need.type === 'scope' ? askForScope(need.scope.join(' ')) : Promise.resolve(null))
   * ```
   */
  stepUp?: StepUp | undefined;
  /** Tells the server at sign-out (RFC 7009, section 2.1). */
  revoke?: Revoke | undefined;
  /** What the app wants to know of its user, from the tokens; kept in the snapshot. */
  user?: ((tokens: TokenSet) => User) | undefined;
  /** The soft window in milliseconds, at most 20 % of the token's life: a refresh beside the requests. @default 60_000 */
  refreshAheadMs?: number | undefined;
  /** The hard window in milliseconds, at most 10 % of the token's life: requests wait for a refresh. @default 5_000 */
  expiryLeewayMs?: number | undefined;
}

/** What a socket or another client may see of the tokens: never the refresh token. */
export interface AccessToken {
  readonly accessToken: string;
  readonly tokenType: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number | undefined;
}

/** What every session offers. Members are closures: `useSyncExternalStore(session.subscribe, session.getSnapshot)`. */
export interface SessionView<User = unknown> {
  /** Starts the load on first use; resolves when the status is known. */
  readonly ready: () => Promise<SessionSnapshot<User>>;
  /** Same object until something changed; holds no secret. */
  readonly getSnapshot: () => SessionSnapshot<User>;
  /** Calls back after every change of the snapshot; returns the way to stop. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Calls back for one type of event; returns the way to stop. */
  readonly on: <T extends SessionEvent['type']>(
    type: T,
    listener: (event: Extract<SessionEvent, { type: T }>) => void,
  ) => () => void;
  /** Ends the session here at once and in the store; rejects with RefreshUnavailableError after 5 s without the store. */
  readonly signOut: (options?: { revoke?: boolean | undefined }) => Promise<void>;
  /** Stops watching the store, closes what it opened. */
  readonly close: () => Promise<void>;
  /** For schemes. */
  readonly [sessionCore]: SessionCore;
}

/** The one holder of tokens: signs in and out, refreshes in a single flight, tells what happens. */
export interface Session<User = unknown> extends SessionView<User> {
  /**
   * Begins a session with these tokens, or with those of a login's Response; without either: runs `acquire`. A Response
   * without tokens leaves the session as it was; where the store cannot be written the new one stands in memory, and is
   * written once it can be.
   *
   * @throws RefreshRejectedError where the Response says no: `invalid_grant`, 401 or 403, such as a wrong password.
   * @throws RefreshUnavailableError for a 429 or 5xx, or where the store cannot be written; TokenResponseError without usable tokens.
   * @throws TypeError with neither tokens nor `acquire`, or over a store that is read-only.
   */
  readonly signIn: (tokens?: TokenInput | Response) => Promise<SessionSnapshot<User>>;
  /** A token valid now. `refused`: another than this one, which a server just refused (a late refusal refreshes nothing). */
  readonly token: (options?: {
    signal?: AbortSignal | undefined;
    refused?: AccessToken | undefined;
    /** How long the token must still be valid, in milliseconds; at most 80 % of its life. @default 0 */
    validForMs?: number | undefined;
    challenge?: Challenge | undefined;
  }) => Promise<AccessToken>;
  /** Renews now, or joins the renewal under way. */
  readonly refresh: (options?: { signal?: AbortSignal | undefined }) => Promise<AccessToken>;
  /**
   * Another access token of the same sign-in (RFC 8707, section 2.2): `refresh` and `acquire` are told what it is for. It
   * shares refresh token, turns, snapshot and sign-out; its access token stays in memory.
   *
   * @throws TypeError where nothing is asked for, or what is asked for is no text.
   * @example
   * ```ts
   * const files = session.derive({ resource: 'https://files.example.com/' });
   * ```
   */
  readonly derive: (target: DerivedFor) => Session<User>;
}

/** Tokens that no script can read: there is no token(). */
export interface CookieSession<User = unknown> extends SessionView<User> {
  /** Begins a session after the server has set its cookies; `expiresIn` in seconds. */
  readonly signIn: (about?: { expiresIn?: number | undefined }) => Promise<SessionSnapshot<User>>;
  /** Renews now, or joins the renewal under way. */
  readonly refresh: (options?: { signal?: AbortSignal | undefined }) => Promise<void>;
}
