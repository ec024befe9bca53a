import { isAuthError, RefreshRejectedError } from '../errors.js';
import { reasonOf } from '../promise.js';
import { retryAfterMs } from '../protocol/retry-after.js';
import type { GrantContext, Renewed } from '../session/grant.js';
import type { DeviceCode } from './device-code.js';
import type { Core } from './provider-core.js';
import { atTokenEndpoint, type Meanings } from './token-answer.js';
import { tokenRequest } from './token-request.js';
import { within } from './within.js';

const requestMs = 10_000;
const slowerMs = 5_000;
const longestBackoffMs = 60_000;

/** RFC 8628, section 3.5: `slow_down` and `authorization_pending` are this flow's own. */
const meanings: Meanings = {
  over: [...atTokenEndpoint.over, 'access_denied', 'expired_token'],
  busy: atTokenEndpoint.busy.filter((error) => error !== 'slow_down'),
};

/**
 * Asks for the tokens until the user has decided (RFC 8628, sections 3.4 and 3.5). `slow_down` adds 5 seconds for
 * good; after a network failure, a timeout or a busy server the pause doubles until the next answer.
 */
export async function polled(core: Core, code: DeviceCode, context: GrantContext): Promise<Renewed> {
  let { intervalMs } = code;
  let backoffMs = 0;
  for (;;) {
    const leftMs = code.expiresAt - Date.now();
    await pause(Math.min(Math.max(intervalMs, backoffMs), Math.max(0, leftMs)), context.signal);
    if (Date.now() >= code.expiresAt) {
      throw new RefreshRejectedError('Nobody signed in while the code was good', { error: 'expired_token' });
    }
    const said = await ask(core, code.deviceCode, context);
    if (said === 'authorization_pending') backoffMs = 0;
    else if (said === 'slow_down') [intervalMs, backoffMs] = [intervalMs + slowerMs, 0];
    else if (typeof said !== 'number') return said;
    else {
      const doubled = Math.min(2 * Math.max(intervalMs, backoffMs), Math.max(intervalMs, longestBackoffMs));
      backoffMs = Math.max(doubled, said);
    }
  }
}

/** What one question brought; a number: no answer, and what the server asks to wait, in milliseconds. */
async function ask(
  core: Core,
  deviceCode: string,
  context: GrantContext,
): Promise<Renewed | 'authorization_pending' | 'slow_down' | number> {
  const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
  try {
    const answer = await within(requestMs, context.signal, (signal) =>
      tokenRequest(core, grantType, { device_code: deviceCode }, { ...context, signal }, meanings),
    );
    if (!(answer instanceof Response)) return answer;
    return retryAfterMs(answer.headers.get('retry-after'), Date.now()) ?? 0;
  } catch (error) {
    if (context.signal.aborted) throw reasonOf(context.signal);
    // What fetch rejects with, or a time that is over.
    if (!isAuthError(error)) return 0;
    const said = 'error' in error ? error.error : undefined;
    if (said === 'authorization_pending' || said === 'slow_down') return said;
    if (error.code === 'refresh-unavailable') return 0;
    throw error;
  }
}

/** Resolves after `ms` milliseconds; rejects as soon as the signal aborts, and leaves no timer. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(reasonOf(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop);
  });
}
