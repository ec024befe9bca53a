import { isAuthError, RefreshUnavailableError } from '../errors.js';
import type { GrantContext } from '../session/grant.js';
import { within } from './within.js';

/** Longer takes no discovery and request together, in milliseconds. */
const longestMs = 20_000;

/**
 * Runs what no session runs: with the platform's fetch and a bound of its own.
 *
 * @throws RefreshUnavailableError in place of what fetch rejects with, which may quote a URL.
 */
export async function alone<T>(run: (context: GrantContext) => Promise<T>): Promise<T> {
  const fetch: GrantContext['fetch'] = (...request) => globalThis.fetch(...request);
  try {
    return await within(longestMs, undefined, (signal) => run({ fetch, signal }));
  } catch (error) {
    if (isAuthError(error)) throw error;
    throw new RefreshUnavailableError('The authorization server could not be reached');
  }
}
