import type { Challenge } from '../protocol/challenge.js';
import type { StepUpNeed } from '../protocol/step-up.js';
import type { TokenInput, TokenSet } from '../protocol/token-set.js';
import type { FetchLike } from '../types.js';

/** What another access token of the same sign-in is for (RFC 8707, section 2.2). */
export interface DerivedFor {
  /** The absolute URI of the resource. */
  readonly resource?: string | undefined;
  /** Its name at the authorization server. */
  readonly audience?: string | undefined;
  /** A part of what was granted, separated by spaces. */
  readonly scope?: string | undefined;
}

/** What a function that obtains tokens is given. */
export interface GrantContext {
  /** Aborts when the answer can no longer be used. */
  readonly signal: AbortSignal;
  /** The plain one: it neither carries credentials nor answers a 401. */
  readonly fetch: FetchLike;
  /** The challenge that asked for the tokens, where there was one. */
  readonly challenge?: Challenge | undefined;
  /** What derive() asked for. */
  readonly target?: DerivedFor | undefined;
}

/** A Response is classified for you: 2xx JSON = tokens; invalid_grant, 401, 403 = over; 408, 429, 5xx = try later. null = over. */
export type Renewed = TokenInput | Response | null;

/** What tells one authorization server and client from another; the grants of `latchkey/oauth` set it. */
export interface Bound {
  /** Issuer or endpoint, and client id: tokens of another binding are never sent. */
  readonly boundTo?: string | undefined;
  /** Without a refresh token it is not called: the 401 is delivered as 'no-refresh-token'. */
  readonly needsRefreshToken?: boolean | undefined;
  /**
   * It asks the user, who may take so long, in milliseconds, a day at most. Callers then wait so long; it is called once,
   * neither ahead of time nor by ready(), and its signal aborts as soon as nobody can use the answer.
   */
  readonly promptMs?: number | undefined;
}

/** Renews held tokens. Never called when signed out. */
export type Refresh = ((context: GrantContext & { readonly held: TokenSet }) => Promise<Renewed>) & Bound;

/** Obtains tokens from nothing: client credentials, a silent cookie restore, a device prompt. */
export type Acquire = ((context: GrantContext) => Promise<Renewed>) & Bound;

/** Serves as either. */
export type Grant = (context: GrantContext & { readonly held?: TokenSet | undefined }) => Promise<Renewed>;

/**
 * Obtains tokens that can do what a challenge asks for (RFC 6750, section 3.1; RFC 9470, section 4); null: it was declined.
 * `held.refreshToken` may be spent here only within 5 s: then other renewals go on. To be sent through the context's `fetch`.
 */
export type StepUp = (
  need: StepUpNeed,
  context: GrantContext & { readonly held: TokenSet; readonly url: string },
) => Promise<Renewed>;

/** Tells the authorization server that the tokens are no longer needed (RFC 7009, section 2). */
export type Revoke = (context: GrantContext & { readonly held: TokenSet }) => Promise<unknown>;
