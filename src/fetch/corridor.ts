import type { SessionScheme } from '../schemes/auth.js';
import type { FetchLike } from '../types.js';
import type { AuthFetchOptions } from './options.js';

/** What all calls of one auth fetch share. */
export interface Corridor {
  /** In the user's order. */
  readonly schemes: readonly SessionScheme[];
  /** Which origins may see credentials. */
  readonly origins: readonly string[];
  /** What relative inputs resolve against. */
  readonly base: string | undefined;
  /** Some scheme can answer a refusal: bodies are kept for a replay. */
  readonly replays: boolean;
  readonly maxReplayBytes: number;
  readonly throwsOneShot: boolean;
  readonly isUnauthorized: AuthFetchOptions['isUnauthorized'];
  readonly observe: AuthFetchOptions['observe'];
  /** With several schemes: the one whose credentials an origin asked for and took. */
  readonly worked: Map<string, number>;
  /** The fetch below, at the time of asking. */
  below(): FetchLike;
}
