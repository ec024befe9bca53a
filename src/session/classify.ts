import type { RefreshMisconfiguredError, RefreshRejectedError } from '../errors.js';
import { isAuthError, RefreshUnavailableError, TokenResponseError } from '../errors.js';
import { retryAfterMs } from '../protocol/retry-after.js';
import type { TokenSet } from '../protocol/token-set.js';
import { type Answer, answerOf, isResponse, isSuccess, isTransient } from './answer.js';
import { isTransportError, isUnsent, quieten, safeCause } from './foreign-error.js';
import { misconfigured, oauthErrorOf, rejected } from './oauth-error.js';
import { parseTokenInput } from './token-input.js';

/** What an answer, or an error in its place, means for the session. */
export type Classified =
  | { readonly type: 'tokens'; readonly tokens: TokenSet }
  | { readonly type: 'over'; readonly error: RefreshRejectedError }
  | {
      readonly type: 'unavailable';
      readonly error: RefreshUnavailableError;
      /** What the server asked for, in milliseconds. */
      readonly retryAfterMs?: number | undefined;
      /** The answer was lost on the way: the server may have renewed the tokens. */
      readonly lost: boolean;
      /** Worth asking again at once. */
      readonly retry: boolean;
    }
  | { readonly type: 'misconfigured'; readonly error: RefreshMisconfiguredError }
  | { readonly type: 'garbage'; readonly error: TokenResponseError };

/**
 * What `refresh` or `acquire` returned: tokens, a Response, or null (RFC 6749, sections 5.1 and 5.2).
 *
 * @param now Milliseconds since 1970.
 * @param secrets Held tokens, blotted out of the server's texts.
 */
export async function classify(
  renewed: unknown,
  now: number,
  secrets?: readonly string[],
): Promise<Classified> {
  if (renewed === null) return { type: 'over', error: rejected(undefined) };
  if (!isResponse(renewed)) return successOf(renewed, now, secrets);
  try {
    return answered(await answerOf(renewed), now, secrets);
  } catch (error) {
    return classifyError(error, now, secrets);
  }
}

/** What `refresh` or `acquire` threw: an error of ours, one that carries a response, a failure on the way, or a bug. */
export async function classifyError(
  error: unknown,
  now: number,
  secrets?: readonly string[],
): Promise<Classified> {
  if (isAuthError(error)) {
    quieten(error);
    switch (error.code) {
      case 'refresh-rejected':
        return { type: 'over', error };
      case 'signed-out':
      case 'unauthorized':
        return { type: 'over', error: rejected(undefined) };
      case 'refresh-misconfigured':
        return { type: 'misconfigured', error };
      case 'token-response':
        return { type: 'garbage', error };
      case 'refresh-unavailable': {
        const wait = error.retryAt === undefined ? undefined : Math.max(0, error.retryAt - now);
        return { type: 'unavailable', error, retryAfterMs: wait, lost: false, retry: true };
      }
    }
  }
  const { response, body } = carriedBy(error);
  if (isResponse(response)) {
    return answerOf(response, body).then(
      (answer) => answered(answer, now, secrets),
      (broken) => failed(broken),
    );
  }
  return failed(error);
}

/** The response that a client library's error carries, and what was read of it: ky's `data`, oauth4webapi's `error`. */
function carriedBy(thrown: unknown): { response: unknown; body: unknown } {
  const { response, data, error, error_description } = Object(thrown);
  return { response, body: data ?? (typeof error === 'string' ? { error, error_description } : undefined) };
}

function answered(answer: Answer, now: number, secrets: readonly string[] | undefined): Classified {
  const { status, json } = answer;
  if (isTransient(status)) return later(status, retryAfterMs(answer.retryAfter, now), now);
  if (isSuccess(status)) return successOf(json, now, secrets);
  const oauth = oauthErrorOf(json, secrets);
  const denied = status === 401 || status === 403;
  if (oauth?.means === 'later') return later(status, retryAfterMs(answer.retryAfter, now), now);
  if (oauth?.means === 'over' || (denied && oauth?.means === undefined)) {
    return { type: 'over', error: rejected(oauth, status) };
  }
  return { type: 'misconfigured', error: misconfigured(oauth, status) };
}

/** Some servers say 200 and put the error into the body. */
function successOf(json: unknown, now: number, secrets: readonly string[] | undefined): Classified {
  const oauth = oauthErrorOf(json, secrets);
  if (oauth?.means === 'over') return { type: 'over', error: rejected(oauth) };
  if (oauth?.means === 'later') return later(200, undefined, now);
  if (oauth) return { type: 'misconfigured', error: misconfigured(oauth) };
  try {
    return { type: 'tokens', tokens: parseTokenInput(json, now) };
  } catch (error) {
    return { type: 'garbage', error: error instanceof TokenResponseError ? error : new TokenResponseError() };
  }
}

function later(status: number, wait: number | undefined, now: number): Classified {
  const error = new RefreshUnavailableError(`The refresh is unavailable: status ${status}`, {
    retryAt: wait === undefined ? undefined : now + wait,
  });
  return { type: 'unavailable', error, retryAfterMs: wait, lost: false, retry: true };
}

function failed(thrown: unknown): Classified {
  const transport = isTransportError(thrown);
  const cause = safeCause(thrown);
  const error = new RefreshUnavailableError(`The refresh failed: ${cause.message}`, { cause });
  return { type: 'unavailable', error, lost: transport && !isUnsent(thrown), retry: transport };
}
