import { type AuthorizationServer, pushedAuthorizationRequest } from 'oauth4webapi';
import { RefreshMisconfiguredError, TokenResponseError } from '../errors.js';
import { readText } from '../read-text.js';
import type { GrantContext } from '../session/grant.js';
import { busy } from './busy.js';
import { endpointOf } from './endpoint.js';
import { withQuery } from './form.js';
import { jsonObject } from './json.js';
import { isTransient } from './later.js';
import { codeChallenge, randomText } from './pkce.js';
import type { Core } from './provider-core.js';
import { send } from './send.js';
import { atTokenEndpoint, oauthError } from './token-answer.js';
import type { Transaction } from './transaction.js';

/** What the user is asked for (RFC 6749, section 4.1.1; OpenID Connect Core 1.0, section 3.1.2.1). */
export interface Wanted {
  readonly redirectUri: string;
  readonly scope: string | undefined;
  /** Pushed first (RFC 9126); undefined: where the server requires it. */
  readonly pushed?: boolean | undefined;
  readonly maxAge?: number | undefined;
  /** prompt, acr_values, login_hint. */
  readonly more?: Readonly<Record<string, string>> | undefined;
}

/** The authorization request as a URL to be opened, and what its response is to be held against. */
export async function authorizationRequest(
  core: Core,
  wanted: Wanted,
  context: GrantContext,
): Promise<{ readonly url: string; readonly transaction: Transaction }> {
  const fetch = core.fetchFor(context);
  const server = await core.server({ ...context, fetch });
  if (server instanceof Response) throw busy(server);
  const endpoint = endpointOf(server, 'authorization_endpoint');
  assertS256(server);
  const { redirectUri, scope, maxAge } = wanted;
  const transaction: Transaction = {
    boundTo: core.boundTo,
    issuer: server.issuer,
    redirectUri,
    state: randomText(),
    codeVerifier: randomText(),
    ...(scope?.split(' ').includes('openid') && { nonce: randomText() }),
    ...(maxAge !== undefined && { maxAge }),
    at: Date.now(),
  };
  const { state, nonce, codeVerifier } = transaction;
  const request: Record<string, string> = {
    ...core.target,
    ...wanted.more,
    ...(scope && { scope }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
    ...(nonce !== undefined && { nonce }),
    response_type: 'code',
    client_id: core.client.client_id,
    redirect_uri: redirectUri,
    state,
    code_challenge: codeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  };
  const push = wanted.pushed ?? server.require_pushed_authorization_requests === true;
  const sent = push ? await pushed(core, server, request, fetch, context.signal) : request;
  return { url: withQuery(endpoint, sent), transaction };
}

/** RFC 7636, section 4.2: S256 is mandatory to implement; who lists methods without it refuses it. */
function assertS256({ code_challenge_methods_supported: methods }: AuthorizationServer): void {
  if (Array.isArray(methods) && !methods.includes('S256')) {
    throw new RefreshMisconfiguredError('The authorization server does not support PKCE with S256');
  }
}

/** RFC 9126, section 2: the request goes to the server directly, and its URL holds only a reference to it. */
async function pushed(
  core: Core,
  server: AuthorizationServer,
  request: Record<string, string>,
  fetch: GrantContext['fetch'],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const url = endpointOf(server, 'pushed_authorization_request_endpoint');
  const response = await send(url, fetch, signal, (options) =>
    pushedAuthorizationRequest(server, core.client, core.clientAuth, request, options),
  );
  if (isTransient(response)) throw busy(response);
  const json = jsonObject(await readText(response));
  if (typeof json?.['error'] === 'string') throw oauthError(json, [core.secret], atTokenEndpoint);
  if (!response.ok) {
    throw new RefreshMisconfiguredError(
      `The pushed authorization request was answered with ${response.status || 'a redirect'}, without an OAuth error`,
    );
  }
  const uri = json?.['request_uri'];
  if (typeof uri !== 'string' || !/^[!-~]+$/.test(uri)) {
    const issues = [{ message: 'must be a URI', path: ['request_uri'] }];
    throw new TokenResponseError('This is no answer to a pushed authorization request', { issues });
  }
  return { client_id: core.client.client_id, request_uri: uri };
}
