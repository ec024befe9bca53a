import {
  type AnyAuthError,
  RefreshMisconfiguredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenResponseError,
} from '../errors.js';
import { printable } from '../protocol/printable.js';
import type { TokenInput } from '../protocol/token-set.js';
import { readText } from '../read-text.js';
import { jsonObject } from './json.js';

const maxAnswerBytes = 1_048_576;

/** What the errors of an authorization server mean; every other one: the client is set up wrongly. */
export interface Meanings {
  /** The grant is spent, or only the user can give another. */
  readonly over: readonly unknown[];
  readonly busy: readonly unknown[];
}

/** RFC 6749, section 5.2; OpenID Connect Core 1.0, section 3.1.2.6. */
export const atTokenEndpoint: Meanings = {
  over: ['invalid_grant', 'interaction_required', 'login_required', 'consent_required'],
  busy: ['temporarily_unavailable', 'server_error', 'slow_down'],
};

/**
 * Reads a token endpoint's answer: tokens for the session's border to judge, or a typed error.
 *
 * @param isBound The tokens must be bound to a key: others are discarded (RFC 9449, section 5).
 */
export async function tokenAnswer(
  response: Response,
  secrets: readonly (string | undefined)[],
  meanings: Meanings = atTokenEndpoint,
  isBound = false,
): Promise<TokenInput> {
  const json = jsonObject(await readText(response, maxAnswerBytes));
  // Some servers answer an error with 200.
  if (typeof json?.['error'] === 'string' && json['error'] !== '') throw oauthError(json, secrets, meanings);
  if (!response.ok) {
    const status = response.status ? `answered ${response.status}` : 'redirected';
    throw new RefreshMisconfiguredError(`The token endpoint ${status} without an OAuth error`);
  }
  if (!json) throw garbage('is no JSON object', []);
  // An absent type is read as Bearer: refusing it would lose the rotated refresh token it came with.
  // The session reads our name first.
  const type = json['tokenType'] ?? json['token_type'] ?? 'Bearer';
  if (isBound && !(typeof type === 'string' && /^dpop$/i.test(type))) {
    throw garbage('must be DPoP: the tokens are not bound to the key', ['token_type']);
  }
  if (!isBound && !(typeof type === 'string' && /^bearer$/i.test(type))) {
    throw garbage('is of a type latchkey cannot use', ['token_type']);
  }
  return json as TokenInput;
}

/** An error response (RFC 6749, sections 4.1.2.1 and 5.2) as an error of ours, without a secret. */
export function oauthError(
  said: { readonly error?: unknown; readonly error_description?: unknown },
  secrets: readonly (string | undefined)[],
  { over, busy }: Meanings,
): AnyAuthError {
  const error = printable(said.error as string, secrets);
  const description = said.error_description;
  const errorDescription = typeof description === 'string' ? printable(description, secrets) : undefined;
  if (over.includes(said.error)) return new RefreshRejectedError(undefined, { error, errorDescription });
  if (busy.includes(said.error)) {
    return new RefreshUnavailableError(`The authorization server is not available: ${error}`);
  }
  const told = errorDescription ? `${error} (${errorDescription})` : error;
  return new RefreshMisconfiguredError(`The authorization server refused the request: ${told}`, { error });
}

function garbage(message: string, path: readonly string[]): TokenResponseError {
  return new TokenResponseError(undefined, { issues: [{ message, path }] });
}
