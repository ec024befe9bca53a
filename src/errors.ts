/**
 * ```
 * AuthError                       code, signInRequired
 * ├─ SignedOutError               signed-out             the session ended while the call waited
 * ├─ RefreshRejectedError         refresh-rejected       the refresh token is dead: sign in again
 * ├─ RefreshUnavailableError      refresh-unavailable    network, timeout, 429, 5xx, lock, store; the session is intact
 * ├─ RefreshMisconfiguredError    refresh-misconfigured  invalid_client, unauthorized_client, invalid_scope
 * ├─ TokenResponseError           token-response         a 200 that is no token response
 * ├─ NotReplayableError           not-replayable         asked for with onOneShot: 'throw'
 * └─ ServerNotVerifiedError       server-not-verified    asked for with digest's verifyServer
 * UnauthorizedError (latchkey)    unauthorized           extends ky's HTTPError
 * ForbiddenError    (latchkey)    forbidden              a challenged 403
 * ```
 */
import type { Challenge } from './protocol/challenge.js';
import type { ForbiddenReason, UnauthorizedReason } from './protocol/outcome.js';
import type { StepUpNeed } from './protocol/step-up.js';

/** What went wrong, as one word: the same in every copy of the package. */
export type ErrorCode =
  | 'signed-out'
  | 'refresh-rejected'
  | 'refresh-unavailable'
  | 'refresh-misconfigured'
  | 'token-response'
  | 'not-replayable'
  | 'server-not-verified'
  | 'unauthorized'
  | 'forbidden';

/** Registered, not private: two copies of the package, or two realms, recognize each other's errors. */
export const errorBrand: unique symbol = Symbol.for('latchkey.error');

/** Every error of latchkey's own; {@link AuthError.code} tells them apart. */
export class AuthError extends Error {
  readonly code: ErrorCode;
  /** True where only a new sign-in helps. */
  readonly signInRequired: boolean;

  constructor(code: ErrorCode, signInRequired: boolean, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.signInRequired = signInRequired;
    Object.defineProperty(this, errorBrand, { value: true });
  }
}

/** The session ended while the call waited, or there is none. */
export class SignedOutError extends AuthError {
  declare readonly code: 'signed-out';
  declare readonly signInRequired: true;

  constructor(message = 'The session is signed out', options?: ErrorOptions) {
    super('signed-out', true, message, options);
  }
}

/** The authorization server said `invalid_grant` (RFC 6749, section 5.2), or its equivalent: sign in again. */
export class RefreshRejectedError extends AuthError {
  declare readonly code: 'refresh-rejected';
  declare readonly signInRequired: true;
  /** RFC 6749's `error`, as far as it is printable. */
  readonly error: string | undefined;
  /** RFC 6749's `error_description`, at most 200 characters; a text for developers. */
  readonly errorDescription: string | undefined;

  constructor(
    message = 'The refresh was rejected: sign in again',
    options?: { error?: string | undefined; errorDescription?: string | undefined; cause?: unknown },
  ) {
    super('refresh-rejected', true, message, causeOf(options));
    this.error = options?.error;
    this.errorDescription = options?.errorDescription;
  }
}

/** Network, timeout, 429, 5xx, lock or store: the session is intact, try later. */
export class RefreshUnavailableError extends AuthError {
  declare readonly code: 'refresh-unavailable';
  declare readonly signInRequired: false;
  /** When the next refresh may be tried, milliseconds since 1970. */
  readonly retryAt: number | undefined;

  constructor(
    message = 'The refresh is unavailable: try later',
    options?: { retryAt?: number | undefined; cause?: unknown },
  ) {
    super('refresh-unavailable', false, message, causeOf(options));
    this.retryAt = options?.retryAt;
  }
}

/** The client is set up wrongly (RFC 6749, section 5.2: `invalid_client`, `unauthorized_client`, `invalid_scope`). */
export class RefreshMisconfiguredError extends AuthError {
  declare readonly code: 'refresh-misconfigured';
  declare readonly signInRequired: false;
  /** RFC 6749's `error`, as far as it is printable. */
  readonly error: string | undefined;

  constructor(
    message = 'The refresh is misconfigured',
    options?: { error?: string | undefined; cause?: unknown },
  ) {
    super('refresh-misconfigured', false, message, causeOf(options));
    this.error = options?.error;
  }
}

/**
 * A successful answer that is no token response (RFC 6749, section 5.1); the message and `issues` say what is wrong with it,
 * never its values.
 */
export class TokenResponseError extends AuthError {
  declare readonly code: 'token-response';
  declare readonly signInRequired: false;
  readonly issues: readonly { readonly message: string; readonly path: readonly PropertyKey[] }[];

  constructor(
    message = 'This is no token response',
    options?: { issues?: TokenResponseError['issues'] | undefined; cause?: unknown },
  ) {
    const issues = options?.issues ?? [];
    const wrong = issues.map(({ path, message: why }) => [...path.map(String), why].join(' ')).join('; ');
    super('token-response', false, wrong ? `${message}: ${wrong}` : message, causeOf(options));
    this.issues = issues;
  }
}

/** The request was refused and its body can be sent only once; thrown where `onOneShot: 'throw'` asks for it. */
export class NotReplayableError extends AuthError {
  declare readonly code: 'not-replayable';
  declare readonly signInRequired: false;

  constructor(
    message = 'The request was refused and its body can be sent only once',
    options?: ErrorOptions,
  ) {
    super('not-replayable', false, message, options);
  }
}

/** The server has not proven that it knows the password (RFC 7616, section 3.5); thrown with digest's `verifyServer`. */
export class ServerNotVerifiedError extends AuthError {
  declare readonly code: 'server-not-verified';
  declare readonly signInRequired: false;
  /** The proof is wrong, is not there, or is over a body that cannot be read. */
  readonly reason: 'mismatch' | 'absent' | 'unreadable';

  constructor(reason: ServerNotVerifiedError['reason'], message = 'The server has not proven itself') {
    super('server-not-verified', false, message);
    this.reason = reason;
  }
}

/** The errors that `latchkey/fetch` throws. */
export type AnyAuthError =
  | SignedOutError
  | RefreshRejectedError
  | RefreshUnavailableError
  | RefreshMisconfiguredError
  | TokenResponseError
  | NotReplayableError
  | ServerNotVerifiedError;

/** The ky door's {@link AnyAuthError | errors} by shape. */
export interface UnauthorizedLike extends Error {
  readonly code: 'unauthorized';
  readonly reason: UnauthorizedReason;
  readonly challenges: readonly Challenge[];
  readonly signInRequired: boolean;
  readonly response: Response;
}

/** The ky door's error for a challenged 403, by shape. */
export interface ForbiddenLike extends Error {
  readonly code: 'forbidden';
  readonly reason: ForbiddenReason;
  readonly need: StepUpNeed;
  readonly challenges: readonly Challenge[];
  readonly signInRequired: false;
  readonly response: Response;
}

/** By brand, so two copies of the package and two realms agree. */
export function isAuthError(error: unknown): error is AnyAuthError | UnauthorizedLike | ForbiddenLike {
  return typeof error === 'object' && error !== null && errorBrand in error;
}

/**
 * One question an app asks: show the sign-in page?
 *
 * @example
 * ```ts
 * retry: (count, error) => count < 3 && !isSignInRequired(error)
 * ```
 */
export function isSignInRequired(error: unknown): boolean {
  return isAuthError(error) && error.signInRequired;
}

function causeOf(options: { cause?: unknown } | undefined): ErrorOptions | undefined {
  return options && 'cause' in options ? { cause: options.cause } : undefined;
}
