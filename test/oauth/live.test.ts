import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clientCredentialsGrant,
  oauthProvider,
  type ProviderOptions,
  refreshTokenGrant,
  revocation,
} from '../../src/oauth/index.js';
import {
  type ReferenceProvider,
  type ReferenceResource,
  services,
  startProvider,
  startResource,
} from '../support/oidc/index.ts';
import { rejection } from './authorization-server.js';

let server: ReferenceProvider;
let api: ReferenceResource;

beforeAll(async () => {
  server = await startProvider({ accessTokenTtl: 60 });
  api = await startResource(server);
});
afterAll(async () => {
  await Promise.all([api.stop(), server.stop()]);
});

const signal = new AbortController().signal;
const context = { fetch: (...request: Parameters<typeof fetch>) => fetch(...request), signal };
const status = async (token: string) =>
  (await fetch(api.url, { headers: { authorization: `Bearer ${token}` } })).status;
const held = (tokens: { access_token: string; refresh_token: string }) => ({
  accessToken: tokens.access_token,
  refreshToken: tokens.refresh_token,
});

describe('clientCredentialsGrant at oidc-provider', () => {
  it.each(Object.entries(services))('gets a token that works: %s', async (_, client) => {
    const acquire = clientCredentialsGrant({ issuer: server.issuer, scope: 'read', ...client });
    const tokens = (await acquire(context)) as { access_token: string; scope: string };
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 60, scope: 'read' });
    expect(await status(tokens.access_token)).toBe(200);
  });

  it('gets a token with private_key_jwt, again and again', async () => {
    const acquire = clientCredentialsGrant({
      issuer: server.issuer,
      clientId: 'cc-key',
      clientAuth: 'private_key_jwt',
      privateKey: server.clientKey,
    });
    for (let i = 0; i < 3; i++) expect(await acquire(context)).toMatchObject({ token_type: 'Bearer' });
  });

  it.each([
    ['a wrong secret', { clientSecret: 'wrong' }, 'invalid_client'],
    ['an unknown client', { clientId: 'nobody', clientSecret: 'x' }, 'invalid_client'],
    ['a scope it may not have', { scope: 'openid' }, 'invalid_scope'],
  ])('is misconfigured with %s', async (_, wrong, error) => {
    const options: ProviderOptions = { issuer: server.issuer, ...services.basic, ...wrong };
    expect(await rejection(clientCredentialsGrant(options)(context))).toMatchObject({
      code: 'refresh-misconfigured',
      error,
    });
  });
});

describe('refreshTokenGrant at oidc-provider', () => {
  const provider = () =>
    oauthProvider({ issuer: server.issuer, clientId: server.clientId, scope: 'openid read' });

  it('rotates, and is rejected with a token that was used before; the family is revoked', async () => {
    const refresh = refreshTokenGrant(provider());
    const first = held(await server.signIn());
    const second = held((await refresh({ ...context, held: first })) as never);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(await status(second.accessToken)).toBe(200);

    const { familiesRevoked } = server.counts;
    expect(await rejection(refresh({ ...context, held: first }))).toMatchObject({
      code: 'refresh-rejected',
      error: 'invalid_grant',
    });
    expect(server.counts.familiesRevoked).toBe(familiesRevoked + 1);
    expect(await rejection(refresh({ ...context, held: second }))).toMatchObject({
      code: 'refresh-rejected',
    });
  });

  it('hands a failing server to the session without spending the refresh token', async () => {
    const refresh = refreshTokenGrant(provider());
    const tokens = held(await server.signIn());
    server.failNext(1, 503, { 'retry-after': '1' });
    const answer = (await refresh({ ...context, held: tokens })) as Response;
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refresh({ ...context, held: tokens })).toMatchObject({ token_type: 'Bearer' });
  });

  it('follows no redirect of a real server', async () => {
    const refresh = refreshTokenGrant(provider());
    const tokens = held(await server.signIn());
    const before = api.counts.requests;
    server.failNext(1, 307, { location: api.url });
    expect(await rejection(refresh({ ...context, held: tokens }))).toMatchObject({
      code: 'refresh-misconfigured',
    });
    expect(api.counts.requests).toBe(before);
  });
});

describe('revocation at oidc-provider', () => {
  it('ends the grant: neither token works again, and a second time is no error', async () => {
    const idp = oauthProvider({ issuer: server.issuer, clientId: server.clientId });
    const tokens = held(await server.signIn());
    expect(await status(tokens.accessToken)).toBe(200);
    await revocation(idp)({ ...context, held: tokens });
    expect(await status(tokens.accessToken)).toBe(401);
    expect(await rejection(refreshTokenGrant(idp)({ ...context, held: tokens }))).toMatchObject({
      code: 'refresh-rejected',
    });
    await revocation(idp)({ ...context, held: tokens });
    await revocation(idp)({ ...context, held: { accessToken: 'unknown', refreshToken: 'unknown' } });
  });
});

describe('oauthProvider at oidc-provider', () => {
  it('refuses it under a name it does not give itself', async () => {
    const refresh = refreshTokenGrant({ issuer: `${server.issuer}/`, clientId: server.clientId });
    expect(
      await rejection(refresh({ ...context, held: { accessToken: 'a', refreshToken: 'r' } })),
    ).toMatchObject({
      code: 'refresh-misconfigured',
      message: expect.stringContaining('another issuer'),
    });
  });
});
