import type { Acquire } from '../session/grant.js';
import type { ProviderOptions } from './options.js';
import { coreOf, type Provider } from './provider.js';
import { tokenRequest } from './token-request.js';

/**
 * Obtains tokens for the client itself (RFC 6749, section 4.4): service to service.
 *
 * Asks for the provider's `scope`, `resource`, `audience` and `parameters`. Answers and errors are those of
 * {@link refreshTokenGrant}.
 *
 * @throws TypeError naming an option that cannot work, when it is made.
 * @example
 * ```ts
 * const session = createSession({
 *   acquire: clientCredentialsGrant({ issuer: 'https://id.example.com', clientId: 'billing', clientSecret }),
 * });
 * ```
 */
export function clientCredentialsGrant(provider: Provider | ProviderOptions): Acquire {
  const core = coreOf(provider);
  const wanted: Record<string, string> = core.scope ? { scope: core.scope } : {};
  const acquire: Acquire = (context) => tokenRequest(core, 'client_credentials', wanted, context);
  return Object.assign(acquire, { boundTo: core.boundTo });
}
