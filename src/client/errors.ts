import { HTTPError } from 'ky';
import { errorBrand, isAuthError } from '../errors.js';
import type { Challenge } from '../protocol/challenge.js';
import type { ForbiddenReason, Outcome, UnauthorizedReason } from '../protocol/outcome.js';
import type { StepUpNeed } from '../protocol/step-up.js';

/**
 * An HTTPError (ky's `name`, ky's guards) that says why: a 401 (RFC 9110, section 15.5.2), or what `isUnauthorized`
 * recognized.
 */
export class UnauthorizedError<T = unknown> extends HTTPError<T> implements Outcome {
  readonly code = 'unauthorized' as const;
  declare readonly reason: UnauthorizedReason;
  declare readonly challenges: readonly Challenge[];
  declare readonly signInRequired: boolean;
  declare readonly sendings: number;

  constructor(from: HTTPError<T>, outcome: Outcome & { readonly reason: UnauthorizedReason }) {
    super(from.response, from.request, from.options);
    fill(this, from, outcome);
  }
}

/**
 * A refusal whose challenge asks for more than a fresh token: `insufficient_scope` (RFC 6750, section 3.1),
 * `insufficient_user_authentication` (RFC 9470, section 3) or claims. Any other 403 stays ky's HTTPError.
 */
export class ForbiddenError<T = unknown> extends HTTPError<T> implements Outcome {
  readonly code = 'forbidden' as const;
  declare readonly reason: ForbiddenReason;
  readonly need: StepUpNeed;
  declare readonly challenges: readonly Challenge[];
  declare readonly signInRequired: false;
  declare readonly sendings: number;

  constructor(from: HTTPError<T>, outcome: Outcome & { readonly reason: ForbiddenReason }, need: StepUpNeed) {
    super(from.response, from.request, from.options);
    fill(this, from, outcome);
    this.need = need;
  }
}

function fill(error: HTTPError, from: HTTPError, outcome: Outcome): void {
  const { reason, challenges, signInRequired, sendings } = outcome;
  const message = `${from.message} (${reason})`;
  Object.assign(error, { message, data: from.data, reason, challenges, signInRequired, sendings });
  Object.defineProperty(error, errorBrand, { value: true });
}

/** By brand, so two copies of the package and two realms agree. */
export function isUnauthorizedError<T = unknown>(error: unknown): error is UnauthorizedError<T> {
  return isAuthError(error) && error.code === 'unauthorized';
}

/** By brand, so two copies of the package and two realms agree. */
export function isForbiddenError<T = unknown>(error: unknown): error is ForbiddenError<T> {
  return isAuthError(error) && error.code === 'forbidden';
}
