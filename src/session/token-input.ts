import { TokenResponseError } from '../errors.js';
import { readTokenInput, type TokenSet } from '../protocol/token-set.js';

/**
 * Tokens from outside: ours, or a token endpoint's own JSON (RFC 6749, section 5.1).
 *
 * @param now Milliseconds since 1970: where a lifetime counts from.
 * @throws TokenResponseError with issues that name members and hold no values.
 */
export function parseTokenInput(input: unknown, now: number): TokenSet {
  const read = readTokenInput(input, now);
  if ('value' in read) return read.value;
  throw new TokenResponseError(undefined, { issues: read.issues });
}
