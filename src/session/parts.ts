import type { TokenSet } from '../protocol/token-set.js';
import type { FetchLike } from '../types.js';
import type { Emitter } from './emitter.js';
import type { Acquire, Refresh } from './grant.js';
import type { Judged } from './judged.js';
import type { Ledger } from './ledger.js';
import type { Place } from './place.js';

/** What the rooms of one session share. */
export interface Parts {
  readonly ledger: Ledger;
  readonly place: Place;
  readonly emitter: Emitter;
  readonly now: () => number;
  readonly boundTo: string;
  readonly timeoutMs: number;
  readonly refresh: Refresh | undefined;
  readonly acquire: Acquire | undefined;
  /** The plain fetch, looked up anew. */
  readonly fetch: () => FetchLike;
  /** What a grant returned; a cookie session asks for less. */
  readonly judge: (renewed: unknown, now: number, secrets?: readonly string[]) => Promise<Judged>;
  /** Tells the server that these are not needed; bounded, and its failure is nobody's. */
  readonly revoke: (tokens: TokenSet | undefined) => Promise<void>;
  /** The refresh token, or what is held without one, whose renewal was sent and not answered. */
  lost: unknown;
  /** True while a function of the user's runs synchronously: its calls are not to wait for itself. */
  inGrant: boolean;
}
