import { RefreshRejectedError } from '../errors.js';
import type { Refresh } from '../session/grant.js';
import type { ProviderOptions } from './options.js';
import { coreOf, type Provider } from './provider.js';
import { tokenRequest } from './token-request.js';

/**
 * Renews held tokens with their refresh token (RFC 6749, section 6).
 *
 * Sends the provider's `resource`, `audience` and `parameters`, and `scope` only for a derived session: without it a
 * server grants what
 * it granted before, which may be less than was asked for, and a refresh can only narrow that.
 *
 * Its answers: tokens; the Response of a server that is busy (408, 429, 5xx), for the session to try again.
 *
 * @throws RefreshRejectedError for `invalid_grant`: the refresh token is dead.
 * @throws RefreshMisconfiguredError for every other OAuth error, and where discovery finds no usable server.
 * @throws TokenResponseError for a success that is no token response.
 * @throws TypeError naming an option that cannot work, when it is made.
 * @example
 * ```ts
 * const session = createSession({
 *   refresh: refreshTokenGrant({ issuer: 'https://id.example.com', clientId: 'spa' }),
 * });
 * ```
 */
export function refreshTokenGrant(provider: Provider | ProviderOptions): Refresh {
  const core = coreOf(provider);
  const refresh: Refresh = async (context) => {
    const { refreshToken } = context.held;
    if (!refreshToken) throw new RefreshRejectedError('There is no refresh token: sign in again');
    return tokenRequest(core, 'refresh_token', { refresh_token: refreshToken }, context);
  };
  return Object.assign(refresh, { boundTo: core.boundTo, needsRefreshToken: true });
}
