import { RefreshUnavailableError } from '../errors.js';
import { retryAfterMs } from '../protocol/retry-after.js';

/** A server that could not answer now, for those whom no session tells so. */
export function busy(response: Response): RefreshUnavailableError {
  const now = Date.now();
  const ms = retryAfterMs(response.headers.get('retry-after'), now);
  return new RefreshUnavailableError(`The authorization server is busy: status ${response.status}`, {
    retryAt: ms === undefined ? undefined : now + ms,
  });
}
