import { RefreshMisconfiguredError, RefreshRejectedError } from '../errors.js';
import { isObject } from '../protocol/objects.js';
import { printable } from '../protocol/printable.js';

/** RFC 6749, section 5.2, and what others say in its place. */
const OVER = new Set(['invalid_grant', 'bad_refresh_token']);
const MISCONFIGURED = new Set([
  'invalid_client',
  'unauthorized_client',
  'invalid_scope',
  'invalid_target',
  'unsupported_grant_type',
  'invalid_request',
]);
const LATER = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);

/** An error response of a token endpoint (RFC 6749, section 5.2): untrusted text, made fit to be shown. */
export interface OAuthError {
  readonly means: 'over' | 'misconfigured' | 'later' | undefined;
  readonly error: string;
  readonly description: string | undefined;
}

/** @param secrets Held tokens, blotted out where the server repeats them. */
export function oauthErrorOf(json: unknown, secrets?: readonly string[]): OAuthError | undefined {
  if (!isObject(json)) return undefined;
  const { error, error_description: description } = json;
  if (typeof error !== 'string' || error === '') return undefined;
  const means = OVER.has(error)
    ? 'over'
    : MISCONFIGURED.has(error)
      ? 'misconfigured'
      : LATER.has(error)
        ? 'later'
        : undefined;
  return {
    means,
    // A known one is no secret, whatever the tokens are. %x20-21 / %x23-5B / %x5D-7E: printable without the quote and the backslash.
    error: printable(error, means ? [] : secrets).replace(/["\\]/g, ''),
    description: typeof description === 'string' ? printable(description, secrets) : undefined,
  };
}

/** The server has ended the session; an answer without an OAuth error is told by its status. */
export function rejected(oauth: OAuthError | undefined, status?: number): RefreshRejectedError {
  const why = oauth ? `: ${oauth.error}` : status === undefined ? '' : `: status ${status}`;
  return new RefreshRejectedError(`The refresh was rejected${why}`, {
    error: oauth?.error,
    errorDescription: oauth?.description,
  });
}

/** Nothing that waiting would mend. */
export function misconfigured(oauth: OAuthError | undefined, status?: number): RefreshMisconfiguredError {
  const why = oauth ? oauth.error : `status ${status}`;
  const more = oauth?.description ? ` (${oauth.description})` : '';
  return new RefreshMisconfiguredError(`The refresh is misconfigured: ${why}${more}`, {
    error: oauth?.error,
  });
}
