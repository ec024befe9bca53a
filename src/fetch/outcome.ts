import type { Outcome } from '../protocol/outcome.js';

let outcomes: WeakMap<Response, Outcome> | undefined;

/**
 * What latchkey did about a refused request before it delivered this response; undefined where nothing was refused.
 *
 * @example
 * ```ts
 * const response = await authFetch('/users/me');
 * if (response.status === 401) console.warn(outcomeOf(response)?.reason);
 * ```
 */
export function outcomeOf(response: Response): Outcome | undefined {
  return outcomes?.get(response);
}

/** Remembers it as long as the response lives. */
export function setOutcome(response: Response, outcome: Outcome): void {
  outcomes ??= new WeakMap();
  outcomes.set(response, outcome);
}
