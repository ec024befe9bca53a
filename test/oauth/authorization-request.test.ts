import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { authorizationCode, type ProviderOptions } from '../../src/oauth/index.js';
import { issuer, json, metadataUrl, rejection, tokenUrl } from './authorization-server.js';
import { able, asked, authorizeUrl, clientId, flow, pushUrl, redirectUri } from './flow.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('authorizationCode', () => {
  it.each([
    undefined,
    '',
    '/callback',
    'callback',
    'https://app.example.com/#x',
    'https://app.example.com/ x',
    'javascript:alert(1)',
    'data:text/html,x',
    7,
  ])('takes no redirectUri %j', (uri) => {
    expect(() => flow({ flow: { redirectUri: uri } })).toThrow(/^redirectUri must be an absolute URI/);
  });

  it('takes what is no session, no provider and no options as misuse', () => {
    const provider: ProviderOptions = { issuer, clientId };
    const make = authorizationCode as unknown as (...given: unknown[]) => unknown;
    expect(() => make({}, provider, { redirectUri })).toThrow(/^session /);
    expect(() => make(undefined, provider, { redirectUri })).toThrow(/^session /);
    expect(() => make({ signIn() {} }, { clientId }, { redirectUri })).toThrow(/^issuer /);
    expect(() => make({ signIn() {} }, provider)).toThrow(/^redirectUri /);
  });
});

describe('authorizationCode begin', () => {
  it.each([
    ['scope', 1],
    ['prompt', ''],
    ['prompt', {}],
    ['acrValues', 'gold'],
    ['acrValues', [1]],
    ['maxAge', -1],
    ['maxAge', 1.5],
    ['maxAge', '5'],
    ['loginHint', 5],
  ])('refuses %s: %j before anything is sent', async (option, value) => {
    const { login, requests } = flow();
    const error = await rejection(login.begin({ [option]: value }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(new RegExp(`^${option} `));
    expect(requests).toEqual([]);
  });

  it.each([
    'javascript:alert(1)',
    'http://id.example.com/authorize',
    'http://127.0.0.1/authorize',
    'https://user:pw@id.example.com/authorize',
    '/authorize',
    7,
    null,
    undefined,
  ])('opens no authorization_endpoint %j', async (url) => {
    const { login } = flow({ routes: { [metadataUrl]: () => able({ authorization_endpoint: url }) } });
    expect(await rejection(login.begin())).toMatchObject({
      code: 'refresh-misconfigured',
      message: expect.stringContaining('authorization_endpoint'),
    });
  });

  it('refuses a server that lists PKCE methods without S256', async () => {
    const lists = (methods: unknown) => ({
      [metadataUrl]: () => able({ code_challenge_methods_supported: methods }),
    });
    expect(await rejection(flow({ routes: lists(['plain']) }).login.begin())).toMatchObject({
      code: 'refresh-misconfigured',
      message: expect.stringContaining('S256'),
    });
    for (const methods of [['plain', 'S256'], undefined, 'S256'])
      await flow({ routes: lists(methods) }).login.begin();
  });

  it('says what to install where there is no secure randomness', async () => {
    for (const crypto of [undefined, {}]) {
      vi.stubGlobal('crypto', crypto);
      expect(await rejection(flow().login.begin())).toMatchObject({
        code: 'refresh-misconfigured',
        message: expect.stringContaining('react-native-get-random-values'),
      });
    }
  });

  it('makes its challenge without crypto.subtle', async () => {
    const { getRandomValues } = globalThis.crypto;
    vi.stubGlobal('crypto', { getRandomValues: getRandomValues.bind(globalThis.crypto) });
    const { url, transaction } = await flow().login.begin();
    const { codeVerifier } = JSON.parse(transaction);
    expect(asked(url)['code_challenge']).toBe(createHash('sha256').update(codeVerifier).digest('base64url'));
  });

  it.each([
    ['a server that is busy', () => new Response(null, { status: 503, headers: { 'retry-after': '9' } })],
    ['a server out of reach', new TypeError('fetch failed for https://id.example.com/?secret')],
  ])('is unavailable with %s', async (_, answer) => {
    const { login } = flow({ routes: { [metadataUrl]: answer } });
    const error = await rejection(login.begin());
    expect(error).toMatchObject({ code: 'refresh-unavailable' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret');
  });

  it('asks for a code with PKCE, state and what the provider wants, and for nothing twice', async () => {
    const options = {
      scope: 'read write',
      resource: 'https://api.test/v1',
      audience: 'orders',
      parameters: { access_type: 'offline', state: 'mine', code_challenge: 'mine' },
    };
    const { login, requests } = flow({ options });
    const { url, transaction } = await login.begin();
    const { state, codeVerifier } = JSON.parse(transaction);
    const query = new URL(url).searchParams;
    expect(url.startsWith(`${authorizeUrl}?`)).toBe(true);
    expect([...query.keys()].length).toBe(new Set(query.keys()).size);
    expect(asked(url)).toEqual({
      response_type: 'code',
      client_id: 'spa',
      redirect_uri: redirectUri,
      scope: 'read write',
      resource: 'https://api.test/v1',
      audience: 'orders',
      access_type: 'offline',
      state,
      code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    expect(requests.map(({ url }) => url)).toEqual([metadataUrl]);
  });

  it('makes verifier, state and nonce anew each time, of 256 bits and unreserved characters', async () => {
    const { login } = flow({ options: { scope: 'openid' } });
    const made = await Promise.all([login.begin(), login.begin()]);
    const values = made.flatMap(({ transaction }) => {
      const { state, nonce, codeVerifier } = JSON.parse(transaction);
      return [state, nonce, codeVerifier];
    });
    expect(new Set(values).size).toBe(6);
    for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);
  });

  it('shows the verifier in no URL, and the nonce in the request', async () => {
    const { url, transaction } = await flow({ options: { scope: 'openid' } }).login.begin();
    const { nonce, codeVerifier } = JSON.parse(transaction);
    expect(url).not.toContain(codeVerifier);
    expect(asked(url)['nonce']).toBe(nonce);
  });

  it('sends a nonce only where scope has openid', async () => {
    const { login } = flow({ options: { scope: 'openid profile' } });
    expect(asked((await login.begin()).url)).toHaveProperty('nonce');
    expect(asked((await login.begin({ scope: 'openidx read' })).url)).not.toHaveProperty('nonce');
  });

  it('sends what this sign-in asks for', async () => {
    const { url } = await flow({ options: { scope: 'a' } }).login.begin({
      scope: 'openid b',
      prompt: 'login',
      acrValues: ['gold', 'silver'],
      maxAge: 0,
      loginHint: 'ada@example.com',
    });
    expect(asked(url)).toMatchObject({
      scope: 'openid b',
      prompt: 'login',
      acr_values: 'gold silver',
      max_age: '0',
      login_hint: 'ada@example.com',
    });
  });

  it('keeps the query that the endpoint has', async () => {
    const at = (url: string) => ({ [metadataUrl]: () => able({ authorization_endpoint: url }) });
    const one = await flow({ routes: at(`${authorizeUrl}?tenant=t`) }).login.begin();
    expect(one.url.startsWith(`${authorizeUrl}?tenant=t&`)).toBe(true);
    const other = await flow({ routes: at(`${authorizeUrl}?`) }).login.begin();
    expect(other.url.slice(authorizeUrl.length)).toMatch(/^\?[^?&]/);
  });

  it('works with endpoints that are given', async () => {
    const options = {
      issuer: undefined,
      tokenEndpoint: tokenUrl,
      authorizationEndpoint: new URL(authorizeUrl),
    } as unknown as Partial<ProviderOptions>;
    const { login, requests } = flow({ options });
    expect((await login.begin()).url.startsWith(`${authorizeUrl}?`)).toBe(true);
    expect(requests).toEqual([]);
  });
});

describe('authorizationCode begin with a pushed request', () => {
  const created = () => json({ request_uri: 'urn:example:1', expires_in: 60 }, 201);
  const required = { [metadataUrl]: () => able({ require_pushed_authorization_requests: true }) };

  it.each([
    ['an OAuth error', () => json({ error: 'invalid_scope' }, 400), 'refresh-misconfigured'],
    ['another refusal', () => new Response('no', { status: 404 }), 'refresh-misconfigured'],
    [
      'a redirect',
      () => new Response(null, { status: 307, headers: { location: 'https://evil.test/' } }),
      'refresh-misconfigured',
    ],
    ['no request_uri', () => json({ expires_in: 60 }, 201), 'token-response'],
    ['a request_uri that is none', () => json({ request_uri: 'a b' }, 201), 'token-response'],
    ['no JSON', () => new Response('<html>', { status: 201 }), 'token-response'],
    ['a busy server', () => new Response(null, { status: 429 }), 'refresh-unavailable'],
    ['a broken connection', new TypeError('fetch failed'), 'refresh-unavailable'],
  ])('fails with %s, and never falls back to the plain request', async (_, answer, code) => {
    const { login, requests } = flow({ routes: { ...required, [pushUrl]: answer } });
    expect(await rejection(login.begin())).toMatchObject({ code });
    expect(requests.some(({ url }) => url.includes('evil'))).toBe(false);
  });

  it('fails where the server has no endpoint for it', async () => {
    const routes = { [metadataUrl]: () => able({ pushed_authorization_request_endpoint: undefined }) };
    expect(await rejection(flow({ routes, flow: { pushed: true } }).login.begin())).toMatchObject({
      code: 'refresh-misconfigured',
    });
  });

  it.each([
    ['where the server requires it', required, {}],
    ['where the app asks for it', {}, { pushed: true }],
  ])('pushes %s: the URL holds a reference alone', async (_, metadata, how) => {
    const options = { scope: 'openid', clientSecret: 's3cret' };
    const { login, to } = flow({ routes: { ...metadata, [pushUrl]: created }, options, flow: how });
    const { url, transaction } = await login.begin();
    expect(asked(url)).toEqual({ client_id: 'spa', request_uri: 'urn:example:1' });
    const [sent] = to(pushUrl);
    const { state, nonce } = JSON.parse(transaction);
    expect(sent?.headers.get('authorization')).toMatch(/^Basic /);
    expect(sent?.init).toMatchObject({ redirect: 'manual', credentials: 'omit' });
    expect(Object.fromEntries(sent?.form ?? [])).toMatchObject({
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid',
      state,
      nonce,
      code_challenge_method: 'S256',
    });
  });

  it('pushes nothing where the app says no', async () => {
    const { login, to } = flow({ routes: required, flow: { pushed: false } });
    await login.begin();
    expect(to(pushUrl)).toEqual([]);
  });
});
