export { clientCredentialsGrant } from './client-credentials.js';
export type { ClientAuthentication, KeyLike, ProviderOptions, ServerOptions } from './options.js';
export { oauthProvider, type Provider } from './provider.js';
export { refreshTokenGrant } from './refresh-token.js';
export { revocation } from './revocation.js';
