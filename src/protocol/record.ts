import { recentRefusals } from './cooldown.js';
import type { TokenSet } from './token-set.js';

/** What a store keeps: not a bare token, but whose it is and how new. */
export interface SessionRecord {
  /** New at every sign-in, kept by refreshes; no secret. */
  readonly id: string;
  /** Grows with every write of this place, whatever the id. */
  readonly revision: number;
  /** Grows only when credentials are renewed. */
  readonly generation: number;
  /** Issuer or endpoint, and client id ('' for hand-written functions): another binding is foreign. */
  readonly boundTo: string;
  readonly tokens?: TokenSet | undefined;
  /** Milliseconds since 1970. */
  readonly mintedAt?: number | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
  /** When refusals of unexpired tokens began refreshes, milliseconds since 1970: the budget. */
  readonly refusals?: readonly number[] | undefined;
  /** Who holds the turn is alive until, milliseconds since 1970. */
  readonly holderUntil?: number | undefined;
  /** A tombstone: written, never deleted. */
  readonly ended?: 'signed-out' | 'rejected' | undefined;
  /** The cooldown, milliseconds since 1970, shared by all contexts. */
  readonly notBefore?: number | undefined;
}

/** What a sign-in or a renewal brings; a cookie session's has no tokens. */
export interface Minted {
  readonly tokens?: TokenSet | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
}

/** The record of a new sign-in. */
export function signedIn(id: string, boundTo: string, minted: Minted, now: number): SessionRecord {
  return { id, revision: 0, generation: 1, boundTo, ...datesOf(minted, now), ...tokensOf(minted.tokens) };
}

/** What a renewal makes of the record: the id stays, the cooldown and the turn are over. */
export function renewed(base: SessionRecord, minted: Minted, now: number): SessionRecord {
  return {
    id: base.id,
    revision: base.revision,
    generation: base.generation + 1,
    boundTo: base.boundTo,
    ...datesOf(minted, now),
    ...tokensOf(minted.tokens && mergeTokens(base.tokens, minted.tokens)),
    ...(base.refusals ? { refusals: recentRefusals(base.refusals, now) } : {}),
  };
}

/** A refresh token that was rotated for another access token of the sign-in: what is held stays what it is. */
export function rotated(base: SessionRecord, { tokens }: Minted): SessionRecord {
  const { holderUntil: _, ...rest } = base;
  return base.tokens ? { ...rest, tokens: { ...base.tokens, refreshToken: tokens?.refreshToken } } : rest;
}

/** What an end makes of the record: no token rests in a tombstone. */
export function tombstone(
  base: SessionRecord,
  ended: 'signed-out' | 'rejected',
  notBefore?: number,
): SessionRecord {
  const { id, revision, generation, boundTo } = base;
  return { id, revision, generation, boundTo, ended, ...(notBefore === undefined ? {} : { notBefore }) };
}

/** Says who holds the turn, and counts the refusal that began it. */
export function holding(
  base: SessionRecord,
  holderUntil: number,
  refusedAt: number | undefined,
): SessionRecord {
  if (refusedAt === undefined) return { ...base, holderUntil };
  return { ...base, holderUntil, refusals: [...recentRefusals(base.refusals, refusedAt), refusedAt] };
}

/** The turn is over, and nothing is to be asked before `notBefore`. */
export function failed(base: SessionRecord, notBefore: number): SessionRecord {
  const { holderUntil: _, ...rest } = base;
  return { ...rest, notBefore };
}

/** RFC 6749, section 6: a new refresh token replaces the old one, and none keeps it; the same for scope. */
function mergeTokens(old: TokenSet | undefined, fresh: TokenSet): TokenSet {
  if (!old) return fresh;
  const refreshToken = fresh.refreshToken ?? old.refreshToken;
  const idToken = fresh.idToken ?? old.idToken;
  const scope = fresh.scope ?? old.scope;
  const extra = old.extra ? { ...old.extra, ...fresh.extra } : fresh.extra;
  return {
    ...fresh,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(idToken === undefined ? {} : { idToken }),
    ...(scope === undefined ? {} : { scope }),
    ...(extra === undefined ? {} : { extra }),
  };
}

function datesOf(minted: Minted, now: number): { mintedAt: number; expiresAt?: number } {
  const expiresAt = minted.tokens?.expiresAt ?? minted.expiresAt;
  return expiresAt === undefined ? { mintedAt: now } : { mintedAt: now, expiresAt };
}

function tokensOf(tokens: TokenSet | undefined): { tokens?: TokenSet } {
  return tokens ? { tokens } : {};
}
