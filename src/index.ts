export {
  ForbiddenError,
  isForbiddenError,
  isUnauthorizedError,
  UnauthorizedError,
} from './client/errors.js';
export type { AuthClient, AuthClientOptions, ClientOptions } from './client/options.js';
export { createAuthClient } from './client.js';
export * from './fetch.js';
