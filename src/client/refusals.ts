import { type BeforeErrorHook, isHTTPError } from 'ky';
import { isAuthError } from '../errors.js';
import { outcomeOf } from '../fetch/outcome.js';
import type { ForbiddenReason, Outcome, UnauthorizedReason } from '../protocol/outcome.js';
import { firstNeed } from '../protocol/step-up.js';
import type { FetchLike } from '../types.js';
import { ForbiddenError, UnauthorizedError } from './errors.js';

/** By request: an afterResponse hook that returns its copy of the response would lose what is known of the original. */
const refusals = new WeakMap<object, { readonly status: number; readonly outcome: Outcome }>();

/** Lets ky see refusals as such, a 200 that `isUnauthorized` recognized too. */
export function noteRefusals(corridor: FetchLike, isUnauthorized: unknown): FetchLike {
  const mayBeOk = isUnauthorized !== undefined;
  return (input, init) =>
    corridor(input, init).then((response) => {
      if (response.ok && !mayBeOk) return response;
      const outcome = outcomeOf(response);
      if (outcome === undefined) return response;
      if (typeof input === 'object') refusals.set(input, { status: response.status, outcome });
      if (response.ok) Object.defineProperty(response, 'ok', { value: false, configurable: true });
      return response;
    });
}

/** The first beforeError hook: the hooks of the user see latchkey's errors. */
export const sayWhy: BeforeErrorHook = ({ error }) => {
  if (!isHTTPError(error) || isAuthError(error)) return error;
  const outcome = outcomeOf(error.response) ?? outcomeOfCopy(error.response, error.request);
  if (outcome === undefined) return error;
  if (!asksForMore(outcome)) {
    return new UnauthorizedError(error, outcome as Outcome & { readonly reason: UnauthorizedReason });
  }
  const need = firstNeed(outcome.challenges);
  return need === undefined ? error : new ForbiddenError(error, outcome, need);
};

function outcomeOfCopy(response: Response, request: Request): Outcome | undefined {
  const noted = refusals.get(request);
  return noted?.status === response.status ? noted.outcome : undefined;
}

function asksForMore(outcome: Outcome): outcome is Outcome & { readonly reason: ForbiddenReason } {
  return outcome.reason.startsWith('insufficient-');
}
