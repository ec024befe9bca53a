import { type AnyAuthError, isAuthError } from '../../errors.js';
import { failureText } from './failure-text.js';
import { foreignText, unknownText } from './foreign-text.js';
import { refusalText } from './refusal-text.js';
import { isResponse, seenOf } from './seen.js';

/** How many wrappings of other libraries are looked through. */
const DEEPEST = 5;

/**
 * Why a request was refused or failed, in English and without a secret: what the server asked for
 * (RFC 9110, section 11.6.1), what was sent and how old it was, what came of a refresh, whether the clocks differ, and
 * what to try next. For developers; a first sentence, then short lines. Never throws.
 *
 * @param about A response, or what was thrown.
 * @example
 * ```ts
 * const response = await authFetch('/users/me');
 * if (!response.ok) console.warn(explain(response));
 * ```
 */
export function explain(about: unknown): string {
  try {
    const chain = chainOf(about);
    return first(chain, refusedOrFailed) ?? first(chain, foreignText) ?? unknownText(about);
  } catch {
    return 'This cannot be explained: it does not let itself be read.';
  }
}

/** Client libraries wrap what fetch threw. */
function chainOf(about: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  let next = about;
  for (let depth = 0; depth < DEEPEST && next !== undefined && next !== null; depth++) {
    chain.push(next);
    next = (Object(next) as { cause?: unknown }).cause;
  }
  return chain;
}

function first(
  chain: readonly unknown[],
  textOf: (about: unknown) => string | undefined,
): string | undefined {
  for (const about of chain) {
    const found = textOf(about);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refusedOrFailed(about: unknown): string | undefined {
  if (isResponse(about)) return refusalText(seenOf(about));
  const { response } = Object(about) as { response?: unknown };
  if (isResponse(response)) return refusalText(seenOf(response, about));
  return isAuthError(about) ? failureText(about as AnyAuthError) : undefined;
}
