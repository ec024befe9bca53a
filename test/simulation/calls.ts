import type { Context, Shown } from './context.js';

export type CallKind =
  | 'fetch'
  | 'token'
  | 'refresh'
  | 'sign-in'
  | 'sign-out'
  | 'ready'
  | 'derived'
  | 'step-up';

/** One call of a user of the session, and what the oracle knows of it. */
export interface Call {
  readonly id: number;
  readonly kind: CallKind;
  readonly context: Context;
  readonly beganAt: number;
  /** Its place in the order of everything that happened. */
  readonly order: number;
  /** The sign-in it began in. */
  began: Shown;
  sendings: number;
  /** Virtual time spent in the resource, which no bound of latchkey's covers. */
  sentFor: number;
  /** The sign-in that it begins. */
  signs?: number;
  /** It was given no signal. */
  deaf?: boolean;
  /** What the token that it carries is for; undefined: the sign-in's own. */
  target?: string;
  /** It says that a good token was refused. */
  refuses?: boolean;
  abortedAt?: number;
  reason?: unknown;
  settledAt?: number;
  /** The status, or the code of the error. */
  result?: string;
}

/** How long each kind may wait in latchkey, in virtual milliseconds. */
export const bounds: Readonly<Record<CallKind, number>> = {
  fetch: 30_000,
  token: 30_000,
  refresh: 30_000,
  'sign-in': 8_000,
  'sign-out': 8_000,
  ready: 30_000,
  derived: 30_000,
  // what is asked of a user is given up after ten minutes
  'step-up': 640_000,
};
