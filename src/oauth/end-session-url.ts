import { alone } from './alone.js';
import { busy } from './busy.js';
import { endpointOf } from './endpoint.js';
import { withQuery } from './form.js';
import { requireText } from './misuse.js';
import type { ProviderOptions } from './options.js';
import { coreOf, type Provider } from './provider.js';

/** What a server is told of a user who leaves. */
export interface EndSessionOptions {
  /** Tells whose session ends, so that the user need not be asked; it is then part of the URL. */
  idToken?: string | undefined;
  /** Where the user comes back to; as registered with the server. */
  postLogoutRedirectUri?: string | undefined;
}

/**
 * Where to send a user who also wants to leave the authorization server (OpenID Connect RP-Initiated Logout 1.0,
 * section 2). Sign the session out first: this ends the server's session with the browser, not this one.
 *
 * @throws RefreshMisconfiguredError where the server has no usable `end_session_endpoint`.
 * @throws RefreshUnavailableError where the server is out of reach.
 * @throws TypeError naming an option that cannot be.
 * @example
 * ```ts
 * await session.signOut();
 * location.assign(await endSessionUrl(idp, { postLogoutRedirectUri: location.origin }));
 * ```
 */
export async function endSessionUrl(
  provider: Provider | ProviderOptions,
  options: EndSessionOptions = {},
): Promise<string> {
  const core = coreOf(provider);
  const { idToken, postLogoutRedirectUri: back } = options;
  const parameters: Record<string, string> = { client_id: core.client.client_id };
  if (idToken !== undefined) parameters['id_token_hint'] = requireText('idToken', idToken);
  if (back !== undefined) parameters['post_logout_redirect_uri'] = requireText('postLogoutRedirectUri', back);
  return alone(async (context) => {
    const server = await core.server({ ...context, fetch: core.fetchFor(context) });
    if (server instanceof Response) throw busy(server);
    return withQuery(endpointOf(server, 'end_session_endpoint'), parameters);
  });
}
