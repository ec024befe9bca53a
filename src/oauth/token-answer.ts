import {
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

/** The grant is spent, or only the user can renew it (RFC 6749, section 5.2; OpenID Connect Core 1.0, section 3.1.2.6). */
const over: readonly unknown[] = [
  'invalid_grant',
  'interaction_required',
  'login_required',
  'consent_required',
];

const busy: readonly unknown[] = ['temporarily_unavailable', 'server_error', 'slow_down'];

/**
 * Reads a token endpoint's answer: tokens for the session's border to judge, or a typed error.
 *
 * @param isBound The tokens must be bound to a key: others are discarded (RFC 9449, section 5).
 */
export async function tokenAnswer(
  response: Response,
  secrets: readonly (string | undefined)[],
  isBound = false,
): Promise<TokenInput> {
  const json = jsonObject(await readText(response, maxAnswerBytes));
  // Some servers answer an error with 200.
  if (typeof json?.['error'] === 'string' && json['error'] !== '') fail(json, secrets);
  if (!response.ok) {
    const status = response.status ? `answered ${response.status}` : 'redirected';
    throw new RefreshMisconfiguredError(`The token endpoint ${status} without an OAuth error`);
  }
  if (!json) throw garbage('is no JSON object', []);
  // An absent type is read as Bearer: refusing it would lose the rotated refresh token it came with.
  const type = json['token_type'] ?? 'Bearer';
  if (isBound && !(typeof type === 'string' && /^dpop$/i.test(type))) {
    throw garbage('must be DPoP: the tokens are not bound to the key', ['token_type']);
  }
  if (!isBound && !(typeof type === 'string' && /^bearer$/i.test(type))) {
    throw garbage('is of a type latchkey cannot use', ['token_type']);
  }
  return json as TokenInput;
}

function fail(json: Record<string, unknown>, secrets: readonly (string | undefined)[]): never {
  const error = printable(json['error'] as string, secrets);
  const description = json['error_description'];
  const errorDescription = typeof description === 'string' ? printable(description, secrets) : undefined;
  if (over.includes(json['error'])) throw new RefreshRejectedError(undefined, { error, errorDescription });
  if (busy.includes(json['error'])) {
    throw new RefreshUnavailableError(`The authorization server is not available: ${error}`);
  }
  const said = errorDescription ? `${error} (${errorDescription})` : error;
  throw new RefreshMisconfiguredError(`The authorization server refused the request: ${said}`, { error });
}

function garbage(message: string, path: readonly string[]): TokenResponseError {
  return new TokenResponseError(undefined, { issues: [{ message, path }] });
}
