import { RefreshMisconfiguredError } from '../errors.js';
import type { Acquire } from '../session/grant.js';
import { misuse } from './misuse.js';
import type { ProviderOptions } from './options.js';
import { coreOf, type Provider } from './provider.js';
import { tokenRequest } from './token-request.js';

/**
 * Obtains tokens for an assertion (RFC 7523, section 2.1): a JWT that an identity provider, or a service account's own
 * key, has signed. It is made anew for every request: a server may refuse a `jti` that it has seen.
 *
 * Sends the provider's `scope`, `resource`, `audience` and `parameters`. Answers and errors are those of
 * {@link refreshTokenGrant}.
 *
 * @throws TypeError naming an option that cannot work, when it is made.
 * @example
 * ```ts
 * const session = createSession({
 *   acquire: jwtBearerGrant({ issuer: 'https://id.example.com', clientId: 'reports' }, () => signAssertion(key)),
 * });
 * ```
 */
export function jwtBearerGrant(
  provider: Provider | ProviderOptions,
  assertion: () => Promise<string>,
): Acquire {
  if (typeof assertion !== 'function') misuse('assertion', 'must be a function');
  const core = coreOf(provider);
  const acquire: Acquire = async (context) => {
    const jwt: unknown = await assertion();
    if (typeof jwt !== 'string' || !/^[\w-]+(?:\.[\w-]*){2,4}$/.test(jwt)) {
      throw new RefreshMisconfiguredError('`assertion` must give a JWT');
    }
    const parameters = { ...(core.scope && { scope: core.scope }), assertion: jwt };
    return tokenRequest(core, 'urn:ietf:params:oauth:grant-type:jwt-bearer', parameters, context);
  };
  return Object.assign(acquire, { boundTo: core.boundTo });
}
