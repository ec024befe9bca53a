import { type AuthorizationServer, revocationRequest } from 'oauth4webapi';
import { RefreshMisconfiguredError } from '../errors.js';
import { printable } from '../protocol/printable.js';
import type { TokenSet } from '../protocol/token-set.js';
import { discard, readText } from '../read-text.js';
import type { GrantContext } from '../session/grant.js';
import { jsonObject } from './json.js';
import { isTransient } from './later.js';
import type { ProviderOptions } from './options.js';
import { coreOf, type Provider } from './provider.js';
import type { Core } from './provider-core.js';
import { send } from './send.js';
import { within } from './within.js';

const revocationMs = 5_000;

/**
 * Tells the authorization server that tokens are no longer needed (RFC 7009, section 2.1): the refresh token first,
 * which ends the grant, then the access token. Takes at most 5 seconds; does nothing where the server has no
 * revocation endpoint.
 *
 * A server that is busy, does not know the token or does not revoke its kind is no error (RFC 7009, section 2.2).
 *
 * @throws RefreshMisconfiguredError where the server refuses the client.
 * @throws RefreshUnavailableError where the time is over.
 * @throws TypeError naming an option that cannot work, when it is made.
 * @example
 * ```ts
 * const session = createSession({ refresh: refreshTokenGrant(idp), revoke: revocation(idp) });
 * ```
 */
export function revocation(
  provider: Provider | ProviderOptions,
): (context: GrantContext & { readonly held: TokenSet }) => Promise<void> {
  const core = coreOf(provider);
  return (context) =>
    within(revocationMs, context.signal, async (signal) => {
      const fetch = core.fetchFor(context);
      const server = await core.server({ ...context, fetch, signal });
      if (server instanceof Response || server.revocation_endpoint === undefined) return;
      const { refreshToken, accessToken } = context.held;
      if (refreshToken)
        await revoke(core, server, 'refresh_token', refreshToken, { ...context, fetch, signal });
      await revoke(core, server, 'access_token', accessToken, { ...context, fetch, signal });
    });
}

async function revoke(
  core: Core,
  server: AuthorizationServer,
  hint: 'refresh_token' | 'access_token',
  token: string,
  { fetch, signal }: GrantContext,
): Promise<void> {
  const response = await send(server.revocation_endpoint as string, fetch, signal, (options) =>
    revocationRequest(server, core.client, core.clientAuth, token, {
      ...options,
      additionalParameters: { token_type_hint: hint },
    }),
  );
  if (response.ok || isTransient(response)) return discard(response);
  const error = jsonObject(await readText(response))?.['error'];
  if (error === 'unsupported_token_type') return;
  const said = typeof error === 'string' ? printable(error, [token, core.secret]) : response.status;
  throw new RefreshMisconfiguredError(`The revocation was refused: ${said}`);
}
