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
