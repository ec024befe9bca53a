import { describe, expect, it } from 'vitest';
import type { ProviderOptions } from '../../src/oauth/index.js';
import { clientCredentialsGrant, oauthProvider, refreshTokenGrant } from '../../src/oauth/index.js';
import { brandCorridor } from '../../src/plain-fetch.js';
import { authorizationServer, context, issuer, tokens, tokenUrl } from './authorization-server.js';

const clientId = 'spa';
const making = (options: object) => expect(() => oauthProvider(options as ProviderOptions));

describe('oauthProvider', () => {
  it('needs an issuer or a token endpoint, and not both', () => {
    for (const options of [{ clientId }, { clientId, issuer, tokenEndpoint: tokenUrl }]) {
      making(options).toThrow(TypeError);
      making(options).toThrow(/^issuer or tokenEndpoint /);
    }
    making(undefined as unknown as object).toThrow(/^options /);
  });

  const impossible = [
    '',
    'id.example.com',
    '//id.example.com',
    'ftp://id.example.com',
    'http://id.example.com',
    'http://127.0.0.1.evil.test',
    'http://localhost.evil.test',
    'http://localhost@evil.test',
    'http://localhost\\@evil.test',
    'https://user:password@id.example.com',
    'https://id.example.com#f',
    'https://id.example.com\\evil.test',
    'https://id.example .com',
    'https://id.example.com:port',
    'https://',
    ' https://id.example.com',
    'https://id.example.com\n',
  ];
  it.each(impossible)('takes neither issuer nor endpoints from %j', (url) => {
    making({ clientId, issuer: url }).toThrow(/^issuer /);
    making({ clientId, tokenEndpoint: url }).toThrow(/^tokenEndpoint /);
    making({ clientId, tokenEndpoint: tokenUrl, revocationEndpoint: url }).toThrow(/^revocationEndpoint /);
  });

  it('takes no issuer with a query, but a token endpoint with one', async () => {
    making({ clientId, issuer: `${issuer}?a=b` }).toThrow(/^issuer must have no query/);
    making({ clientId, tokenEndpoint: `${tokenUrl}?a=b` }).not.toThrow();
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1', 'http://127.8.9.1:1', 'http://[::1]:8080'])(
    'takes http to loopback: %s',
    (url) => {
      making({ clientId, issuer: url }).not.toThrow();
      making({ clientId, tokenEndpoint: new URL(url) }).not.toThrow();
    },
  );

  it('takes no resource that is relative or has a fragment, and no parameter that has its own place', () => {
    for (const resource of ['/api', 'api', 'https://api.test/#x', 'https://api.test/ x']) {
      making({ clientId, issuer, resource }).toThrow(/^resource /);
    }
    for (const name of [
      'grant_type',
      'client_id',
      'client_secret',
      'client_assertion',
      'refresh_token',
      'scope',
    ]) {
      making({ clientId, issuer, parameters: { [name]: 'x' } }).toThrow(/^parameters .*its own place/);
    }
    making({ clientId, issuer, parameters: { tenant: 1 } }).toThrow(/^parameters must hold strings/);
  });

  it('is frozen and shows its client id only', () => {
    const provider = oauthProvider({ issuer, clientId, clientSecret: 's3cret' });
    expect(Object.isFrozen(provider)).toBe(true);
    expect(JSON.stringify(provider)).toBe('{"clientId":"spa"}');
  });
});

describe('refreshTokenGrant', () => {
  it('says whose tokens it renews: issuer or token endpoint, and client id', () => {
    const refresh = refreshTokenGrant({ issuer, clientId });
    expect([refresh.boundTo, refresh.needsRefreshToken]).toEqual([`${issuer} spa`, true]);
    expect(refreshTokenGrant({ tokenEndpoint: new URL(tokenUrl), clientId }).boundTo).toBe(`${tokenUrl} spa`);
    const acquire = clientCredentialsGrant({ issuer, clientId });
    expect([acquire.boundTo, acquire.needsRefreshToken]).toEqual([`${issuer} spa`, undefined]);
  });

  it('asks nobody without a refresh token', async () => {
    const { fetch, requests } = authorizationServer();
    const refresh = refreshTokenGrant({ issuer, clientId });
    await expect(refresh({ ...context(fetch), held: { accessToken: 'a' } })).rejects.toMatchObject({
      code: 'refresh-rejected',
    });
    expect(requests).toEqual([]);
  });

  it('posts a form as text, with nothing in the URL and every parameter once', async () => {
    const { fetch, to } = authorizationServer();
    expect(await refreshTokenGrant({ issuer, clientId })(context(fetch))).toEqual(tokens);
    const [{ method, url, headers, init }] = to(tokenUrl) as [ReturnType<typeof to>[0]];
    expect([method, url, typeof init.body]).toEqual(['POST', tokenUrl, 'string']);
    expect(headers.get('content-type')).toMatch(/^application\/x-www-form-urlencoded/);
    expect(headers.get('accept')).toBe('application/json');
    expect([...new URLSearchParams(init.body as string)].sort()).toEqual([
      ['client_id', 'spa'],
      ['grant_type', 'refresh_token'],
      ['refresh_token', 'rt-1'],
    ]);
  });

  it('follows no redirect, sends no cookie and gives the signal to fetch', async () => {
    const { fetch, to } = authorizationServer();
    const { signal } = new AbortController();
    await refreshTokenGrant({ issuer, clientId })(context(fetch, signal));
    expect(to(tokenUrl)[0]?.init).toMatchObject({ redirect: 'manual', credentials: 'omit', signal });
  });

  it('sends resource, audience and parameters again, never scope, and nothing that is empty', async () => {
    const wanted = {
      resource: 'https://api.test/v1',
      audience: 'orders',
      parameters: { tenant: 't', none: '' },
    };
    const { fetch, to } = authorizationServer();
    const provider = oauthProvider({ issuer, clientId, scope: 'read', ...wanted });
    await refreshTokenGrant(provider)(context(fetch));
    await clientCredentialsGrant(provider)(context(fetch));
    const [refreshed, acquired] = to(tokenUrl).map(({ form }) => Object.fromEntries(form));
    const target = { resource: 'https://api.test/v1', audience: 'orders', tenant: 't', client_id: 'spa' };
    expect(refreshed).toEqual({ ...target, grant_type: 'refresh_token', refresh_token: 'rt-1' });
    expect(acquired).toEqual({ ...target, grant_type: 'client_credentials', scope: 'read' });
  });

  it('prefers the fetch of its options, and goes below a corridor', async () => {
    const own = authorizationServer();
    const corridor = brandCorridor(
      () => Promise.reject(new Error('through the corridor')),
      () => own.fetch,
    );
    const sessions = authorizationServer();
    await refreshTokenGrant({ issuer, clientId, fetch: corridor })(context(sessions.fetch));
    expect([own.requests.length, sessions.requests.length]).toEqual([2, 0]);
  });
});
