import {
  type AuthorizationServer,
  type DynamicClientRegistrationRequestOptions,
  dynamicClientRegistrationRequest,
} from 'oauth4webapi';
import { RefreshMisconfiguredError, TokenResponseError } from '../errors.js';
import { isObject } from '../protocol/objects.js';
import { readText } from '../read-text.js';
import type { GrantContext } from '../session/grant.js';
import { busy } from './busy.js';
import { endpointOf } from './endpoint.js';
import { jsonObject } from './json.js';
import { isTransient } from './later.js';
import { send } from './send.js';
import { atTokenEndpoint, oauthError } from './token-answer.js';

/** A client as one authorization server knows it. */
export interface IssuedClient {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientAuth?: 'client_secret_basic' | 'client_secret_post' | undefined;
}

/** Registers a client (RFC 7591, section 3.1): a public one with a code grant, where `wanted` says nothing else. */
export async function register(
  server: AuthorizationServer,
  redirectUri: string,
  wanted: Readonly<Record<string, unknown>>,
  { fetch, signal }: GrantContext,
): Promise<IssuedClient> {
  const url = endpointOf(server, 'registration_endpoint');
  const client = {
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    // OpenID Connect Dynamic Client Registration 1.0, section 2: only a native client may have loopback or its own scheme.
    application_type: /^https:/i.test(redirectUri) ? 'web' : 'native',
    ...wanted,
  };
  const response = await send(url, fetch, signal, (options) =>
    // The type of its body is the only thing in which it differs from a form's.
    dynamicClientRegistrationRequest(
      server,
      client,
      options as unknown as DynamicClientRegistrationRequestOptions,
    ),
  );
  if (isTransient(response)) throw busy(response);
  const json = jsonObject(await readText(response));
  if (typeof json?.['error'] === 'string') throw oauthError(json, [], atTokenEndpoint);
  if (!response.ok) {
    const status = response.status || 'a redirect';
    throw new RefreshMisconfiguredError(
      `The registration was answered with ${status}, without an OAuth error`,
    );
  }
  const issued = clientOf(server.issuer, json);
  if (issued) return issued;
  const issues = [{ message: 'must be text', path: ['client_id'] }];
  throw new TokenResponseError('This is no answer to a registration', { issues });
}

/** What a registration, or a record of one, says of the client; undefined: it says none. */
export function clientOf(issuer: unknown, said: unknown): IssuedClient | undefined {
  if (typeof issuer !== 'string' || !isObject(said)) return undefined;
  const { client_id: clientId, client_secret: clientSecret, token_endpoint_auth_method: method } = said;
  if (typeof clientId !== 'string' || !/^[ -~]+$/.test(clientId)) return undefined;
  if (typeof clientSecret !== 'string' || clientSecret === '' || method === 'none')
    return { issuer, clientId };
  const clientAuth = method === 'client_secret_post' ? method : 'client_secret_basic';
  return { issuer, clientId, clientSecret, clientAuth };
}
