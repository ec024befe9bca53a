import type { Challenge } from './challenge.js';

/** Why a 401 was delivered and not answered. */
export type UnauthorizedReason =
  | 'signed-out'
  | 'session-ended'
  | 'refused-again'
  | 'not-answerable'
  | 'no-credentials'
  | 'one-shot'
  | 'refresh-limit'
  | 'refused-fresh'
  | 'no-refresh-token'
  | 'redirected'
  | 'read-only'
  | 'other-origin';

/** Why a challenged 403 (or a 401 that asks for more) was delivered: no refresh can help. */
export type ForbiddenReason = 'insufficient-scope' | 'insufficient-authentication' | 'insufficient-claims';

/** Why a response was delivered although it refuses. */
export type Reason = UnauthorizedReason | ForbiddenReason;

/** What latchkey did about a refused request before it delivered the response. */
export interface Outcome {
  readonly reason: Reason;
  readonly challenges: readonly Challenge[];
  /** True where only a new sign-in helps. */
  readonly signInRequired: boolean;
  /** How often the request was sent. */
  readonly sendings: number;
}
