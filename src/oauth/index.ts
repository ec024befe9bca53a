export {
  type AuthorizationCodeFlow,
  type AuthorizationCodeOptions,
  authorizationCode,
  type BeginOptions,
} from './authorization-code.js';
export { type AuthorizationCodeGrantOptions, authorizationCodeGrant } from './authorization-code-grant.js';
export { clientCredentialsGrant } from './client-credentials.js';
export {
  type DeviceAuthorizationOptions,
  type DevicePrompt,
  deviceAuthorization,
} from './device-authorization.js';
export { type Discovered, discover } from './discover.js';
export type { DiscoverOptions } from './discover-options.js';
export { type EndSessionOptions, endSessionUrl } from './end-session-url.js';
export { jwtBearerGrant } from './jwt-bearer.js';
export type { ClientAuthentication, KeyLike, ProviderOptions, ServerOptions } from './options.js';
export { oauthProvider, type Provider } from './provider.js';
export { refreshTokenGrant } from './refresh-token.js';
export { revocation } from './revocation.js';
export { tokenExchangeGrant } from './token-exchange.js';
