import { vi } from 'vitest';
import { authorizationCode, oauthProvider, type ProviderOptions } from '../../src/oauth/index.js';
import {
  authorizationServer,
  issuer,
  json,
  metadata,
  metadataUrl,
  tokens,
  tokenUrl,
} from './authorization-server.js';

export const authorizeUrl = `${issuer}/authorize`;
export const pushUrl = `${issuer}/push`;
export const deviceUrl = `${issuer}/device`;
export const redirectUri = 'https://app.example.com/callback';
export const clientId = 'spa';

type Routes = NonNullable<Parameters<typeof authorizationServer>[0]>;

/** Metadata of a server that can do everything. */
export function able(more: Record<string, unknown> = {}): Response {
  return metadata({
    authorization_endpoint: authorizeUrl,
    device_authorization_endpoint: deviceUrl,
    pushed_authorization_request_endpoint: pushUrl,
    end_session_endpoint: `${issuer}/logout`,
    ...more,
  });
}

/** An ID Token as oauth4webapi reads it: its signature is TLS's affair. */
function idToken(
  claims: Record<string, unknown>,
  header: Record<string, unknown> = { alg: 'RS256' },
): string {
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: issuer, aud: clientId, sub: 'ada', iat: now, exp: now + 60, ...claims };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(all)}.c2lnbmF0dXJl`;
}

/** A flow at a stubbed server. */
export function flow(
  of: { routes?: Routes; options?: Partial<ProviderOptions> & object; flow?: object } = {},
) {
  const server = authorizationServer({ [metadataUrl]: () => able(), ...of.routes });
  const signIn = vi.fn(async (_tokens?: unknown) => ({}) as never);
  const provider = oauthProvider({ issuer, clientId, fetch: server.fetch, ...of.options } as ProviderOptions);
  const login = authorizationCode({ signIn }, provider, { redirectUri, ...of.flow });
  return { ...server, provider, login, signIn };
}

/** What begin() asked the user's browser for. */
export function asked(url: string): Record<string, string> {
  return Object.fromEntries(new URL(url).searchParams);
}

/** Where the server sends the browser back to. */
export function callback(url: string, parameters: Record<string, string> = {}): string {
  const { state = '' } = asked(url);
  return `${redirectUri}?${new URLSearchParams({ code: 'c0de', state, iss: issuer, ...parameters })}`;
}

/** A token endpoint that knows the ID Token's nonce only when it is asked. */
export function withIdToken(claims: () => Record<string, unknown>, header?: Record<string, unknown>): Routes {
  return { [tokenUrl]: () => json({ ...tokens, id_token: idToken(claims(), header) }) };
}
