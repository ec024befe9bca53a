export {
  type AnyAuthError,
  AuthError,
  type ErrorCode,
  type ForbiddenLike,
  isAuthError,
  isSignInRequired,
  NotReplayableError,
  RefreshMisconfiguredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  ServerNotVerifiedError,
  SignedOutError,
  TokenResponseError,
  type UnauthorizedLike,
} from './errors.js';
export type { AuthEvent, RequestEvent, SessionEvent, SignedOutCause } from './events.js';
export { createAuthFetch } from './fetch/auth-fetch.js';
export { explain } from './fetch/explain/explain.js';
export type { AuthFetch, AuthFetchOptions, AuthOptions, Peek } from './fetch/options.js';
export { outcomeOf } from './fetch/outcome.js';
export { type Challenge, parseChallenges } from './protocol/challenge.js';
export type { Credentials } from './protocol/credentials.js';
export { decodeJwt, type StandardSchemaLike } from './protocol/jwt.js';
export type { ForbiddenReason, Outcome, Reason, UnauthorizedReason } from './protocol/outcome.js';
export type { SessionRecord } from './protocol/record.js';
export type { StepUpNeed } from './protocol/step-up.js';
export type { TokenInput, TokenSet } from './protocol/token-set.js';
export { type ApiKey, apiKey } from './schemes/api-key.js';
export type { Auth } from './schemes/auth.js';
export { basic, type UserPassword, type UserPasswordProvider } from './schemes/basic.js';
export { bearer } from './schemes/bearer.js';
export type { TokenSource } from './schemes/bearer-source.js';
export { type Doubt, defineScheme, type Remedy, type Scheme, type Target } from './schemes/scheme.js';
export { type CookieSessionOptions, createCookieSession } from './session/cookie-session.js';
export { type CustomStoreOptions, customStore } from './session/custom-store.js';
export type {
  Acquire,
  Bound,
  DerivedFor,
  Grant,
  GrantContext,
  Refresh,
  Renewed,
  Revoke,
  StepUp,
} from './session/grant.js';
export { memoryStore } from './session/memory-store.js';
export { type RefreshEndpointOptions, refreshEndpoint } from './session/refresh-endpoint.js';
export { createSession } from './session/session.js';
export type { TokenStore } from './session/store.js';
export type {
  AccessToken,
  CookieSession,
  Session,
  SessionOptions,
  SessionSnapshot,
  SessionView,
  SharedOptions,
} from './session/types.js';
export type { FetchLike, MaybePromise } from './types.js';
