import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAuthFetch, createSession } from '../../src/index.js';
import { type DiscoverOptions, discover } from '../../src/oauth/index.js';
import { type Challenge, parseChallenges } from '../../src/protocol/challenge.js';
import type { StepUpNeed } from '../../src/protocol/step-up.js';
import { stateOf } from '../support/races-watch.js';
import {
  authorizationServer,
  issuer,
  json,
  metadataUrl,
  rejection,
  tokens,
  tokenUrl,
} from './authorization-server.js';
import { able, asked, callback, redirectUri } from './flow.js';

const resource = 'https://mcp.example.com/mcp';
const document = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp';
const rootDocument = 'https://mcp.example.com/.well-known/oauth-protected-resource';
const registrationUrl = `${issuer}/register`;

type Routes = NonNullable<Parameters<typeof authorizationServer>[0]>;

const challenged = (challenge: string) => () =>
  new Response('no', { status: 401, headers: { 'www-authenticate': challenge } });
const named = challenged(`Bearer resource_metadata="${document}", scope="read"`);
const about = (more: Record<string, unknown> = {}) =>
  json({ resource, authorization_servers: [issuer], ...more });
const server = (more: Record<string, unknown> = {}) =>
  able({ code_challenge_methods_supported: ['S256'], registration_endpoint: registrationUrl, ...more });

afterEach(() => {
  vi.useRealTimers();
});

/** A resource, its authorization server, and a user who says yes. */
function world(routes: Routes = {}, options: Partial<DiscoverOptions> = {}, at: string | URL = resource) {
  const stub = authorizationServer({
    [resource]: named,
    [document]: () => about(),
    [metadataUrl]: () => server(),
    [registrationUrl]: () => json({ client_id: 'made-1' }, 201),
    ...routes,
  });
  const opened: Record<string, string>[] = [];
  const grants = discover(at, {
    client: { clientId: 'agent' },
    redirectUri,
    authorize: async ({ url }) => {
      opened.push(asked(url));
      return callback(url);
    },
    ...options,
  });
  const context = { fetch: stub.fetch, signal: new AbortController().signal };
  const held = (extra?: Record<string, unknown>) => ({
    ...context,
    held: { accessToken: 'at-0', refreshToken: 'rt-1', ...(extra && { extra }) },
  });
  return { ...stub, ...grants, context, held, opened, paths: () => stub.requests.map(({ url }) => url) };
}

describe('discover', () => {
  const good = { client: { clientId: 'agent' }, redirectUri, authorize: async () => '' };
  it.each<[string, unknown, object]>([
    ['resource', '', good],
    ['resource', '/mcp', good],
    ['resource', 'http://mcp.example.com/mcp', good],
    ['resource', 'https://user:pw@mcp.example.com/', good],
    ['resource', 'https://mcp.example.com/#x', good],
    ['resource', 'https://m%63p.example.com/', good],
    ['resource', 'file:///etc/passwd', good],
    ['client', resource, { ...good, client: undefined }],
    ['client', resource, { ...good, client: {} }],
    ['client', resource, { ...good, client: { clientId: 'a', register: {} } }],
    ['clientId', resource, { ...good, client: { clientId: '' } }],
    ['register', resource, { ...good, client: { register: 'x' } }],
    ['clientSecret', resource, { ...good, client: { clientId: 'a', clientSecret: 5 } }],
    ['issuers', resource, { ...good, client: { clientId: 'a', clientSecret: 's' } }],
    ['issuers', resource, { ...good, issuers: [] }],
    ['issuers', resource, { ...good, issuers: 'https://id.example.com' }],
    ['issuers', resource, { ...good, issuers: ['id.example.com'] }],
    ['authorize', resource, { ...good, authorize: 'x' }],
    ['authorize', resource, { ...good, authorize: undefined }],
    ['redirectUri', resource, { ...good, redirectUri: undefined }],
  ])('refuses to be made with this %s', (option, at, options) => {
    const make = () => (discover as unknown as (...given: unknown[]) => unknown)(at, options);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(new RegExp(`^${option} `));
  });

  it('needs options at all', () => {
    expect(() => (discover as unknown as (at: string) => unknown)(resource)).toThrow(/^client /);
  });

  const hostile: [string, unknown][] = [
    ['a link-local address', 'https://169.254.169.254'],
    ['loopback', 'https://127.0.0.1'],
    ['loopback over http', 'http://127.0.0.1:8080'],
    ['loopback by name', 'https://localhost'],
    ['loopback with a dot', 'https://localhost./'],
    ['loopback of IPv6', 'https://[::1]'],
    ['a private address', 'https://10.1.2.3'],
    ['another private address', 'https://192.168.0.1'],
    ['a mapped address', 'https://[::ffff:10.0.0.1]'],
    ['a local address of IPv6', 'https://[fd00::1]'],
    ['a number', 'https://2130706433'],
    ['an octal number', 'https://0177.0.0.1'],
    ['a hexadecimal number', 'https://0x7f.1'],
    ['a short address', 'https://127.1'],
    ['a percent-encoded address', 'https://%31%32%37.0.0.1'],
    ['a public address', 'https://8.8.8.8'],
    ['a bare name', 'https://intranet'],
    ['a name of this network', 'https://id.internal'],
    ['a name of this link', 'https://id.local'],
    ['a metadata service', 'https://metadata.google.internal'],
    ['loopback by its long name', 'https://localhost.localdomain'],
    ['loopback of IPv6 by its long name', 'https://localhost6.localdomain6'],
    ['a service of a cluster', 'https://kubernetes.default.svc'],
    ['a name of a home network', 'https://router.home'],
    ['a name of a company network', 'https://wiki.corp'],
    ['a name for tests', 'https://id.test'],
    ['dot segments', 'https://id.example.com/../../uploads/a.json'],
    ['hidden dot segments', 'https://id.example.com/%2E%2e/.%2e/uploads/a.json'],
    ['http', 'http://id.example.com'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:application/json,{}'],
    ['user and password', 'https://a:b@id.example.com'],
    ['a query', 'https://id.example.com?x'],
    ['no text', 5],
    ['nothing', ''],
  ];
  it.each(hostile)('asks no authorization server at %s', async (_, url) => {
    const { acquire, context, paths } = world({ [document]: () => about({ authorization_servers: [url] }) });
    expect(await rejection(acquire(context))).toMatchObject({ code: 'refresh-misconfigured' });
    expect(paths()).toEqual([resource, document]);
  });

  it.each(['token_endpoint', 'authorization_endpoint', 'registration_endpoint', 'revocation_endpoint'])(
    'uses no server whose %s is a neighbor',
    async (endpoint) => {
      const { acquire, context, opened, paths } = world({
        [metadataUrl]: () => server({ [endpoint]: 'https://10.0.0.1/x' }),
      });
      expect(await rejection(acquire(context))).toMatchObject({
        code: 'refresh-misconfigured',
        message: expect.stringContaining(endpoint),
      });
      expect([opened.length, paths()]).toEqual([0, [resource, document, metadataUrl]]);
    },
  );

  it.each([
    ['another origin', 'https://evil.test/x'],
    ['another port', 'https://mcp.example.com:8443/x'],
    ['http', 'http://mcp.example.com/x'],
    ['a link-local address', 'http://169.254.169.254/latest/meta-data'],
    ['a file', 'file:///etc/passwd'],
    ['no URL', '/x'],
  ])('fetches no resource_metadata at %s, and looks nowhere else', async (_, url) => {
    const { acquire, context, paths } = world({
      [resource]: challenged(`Bearer resource_metadata="${url}"`),
    });
    expect(await rejection(acquire(context))).toMatchObject({
      code: 'refresh-misconfigured',
      message: expect.stringContaining('resource_metadata'),
    });
    expect(paths()).toEqual([resource]);
  });

  it.each<[string, () => Response]>([
    ['another resource', () => about({ resource: 'https://evil.test/mcp' })],
    ['a neighbor by path', () => about({ resource: `${resource}x` })],
    ['a path below', () => about({ resource: `${resource}/x` })],
    ['another path', () => about({ resource: 'https://mcp.example.com/other' })],
    ['another port', () => about({ resource: 'https://mcp.example.com:8443/mcp' })],
    ['another case', () => about({ resource: 'https://MCP.example.com/mcp' })],
    ['a query', () => about({ resource: `${resource}?x` })],
    ['no resource', () => about({ resource: undefined })],
    ['no servers', () => about({ authorization_servers: undefined })],
    ['an empty list', () => about({ authorization_servers: [] })],
    ['no list', () => about({ authorization_servers: issuer })],
    [
      'tokens that go elsewhere than into headers',
      () => about({ bearer_methods_supported: ['body', 'query'] }),
    ],
    ['no JSON', () => new Response('<html>', { headers: { 'content-type': 'application/json' } })],
    ['another type', () => new Response('{}', { headers: { 'content-type': 'text/plain' } })],
    ['too much', () => json({ resource, authorization_servers: [issuer], x: 'x'.repeat(70_000) })],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://evil.test/' } })],
    ['a 404', () => new Response(null, { status: 404 })],
  ])('uses no metadata that the challenge has named with %s', async (_, answer) => {
    const { acquire, context, paths } = world({ [document]: answer });
    expect(await rejection(acquire(context))).toMatchObject({
      code: 'refresh-misconfigured',
      message: expect.stringMatching(/^The resource does not say who authorizes its users: ./),
    });
    expect(paths()).toEqual([resource, document]);
  });

  it.each([
    ['its own URL', resource],
    ['the origin', 'https://mcp.example.com'],
    ['the origin with a slash', 'https://mcp.example.com/'],
  ])(
    'takes metadata that a challenge has named for %s, and asks for tokens for that',
    async (_, resource) => {
      const { acquire, context, opened, to } = world({ [document]: () => about({ resource }) });
      await acquire(context);
      expect([opened[0]?.['resource'], to(tokenUrl)[0]?.form.get('resource')]).toEqual([resource, resource]);
    },
  );

  it.each([
    ['the path’s, of the origin', document, 'https://mcp.example.com'],
    ['the root’s, of the path', rootDocument, resource],
  ])('uses no well-known metadata of another resource: %s', async (_, place, resource) => {
    const routes = { [document]: new Response(null, { status: 404 }), [place]: () => about({ resource }) };
    const { acquire, context } = world({ 'https://mcp.example.com/mcp': challenged('Bearer'), ...routes });
    expect(await rejection(acquire(context))).toMatchObject({ code: 'refresh-misconfigured' });
  });

  it.each<[string, () => Response]>([
    ['a challenge without resource_metadata', challenged('Bearer realm="mcp"')],
    ['a 401 without a challenge', () => new Response(null, { status: 401 })],
    ['no 401', () => new Response(null, { status: 405 })],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://evil.test/' } })],
  ])('looks at the well-known places after %s: with the path, then at the root', async (_, answer) => {
    const { acquire, context, paths } = world({
      [resource]: answer,
      [document]: new Response(null, { status: 404 }),
      [rootDocument]: () => about({ resource: 'https://mcp.example.com/' }),
    });
    expect(await acquire(context)).toMatchObject({ access_token: 'at-1' });
    expect(paths()).toEqual([resource, document, rootDocument, metadataUrl, tokenUrl]);
  });

  it.each([200, 404, 405])(
    'signs nobody in where strangers are let in (%i) and nothing says who authorizes',
    async (status) => {
      const { acquire, fetch, paths } = world({
        [resource]: () => new Response(null, { status }),
        [document]: new Response(null, { status: 404 }),
      });
      const session = createSession({ acquire, fetch });
      const authFetch = createAuthFetch({ auth: session, origins: resource, fetch });
      expect((await authFetch(resource)).status).toBe(status);
      expect(paths()).toEqual([resource, document, rootDocument, resource]);
    },
  );

  it('looks once where the resource is the root', async () => {
    const root = 'https://mcp.example.com';
    const { acquire, context, paths } = world(
      { [`${root}/`]: challenged('Bearer'), [rootDocument]: () => about({ resource: root }) },
      {},
      new URL(root),
    );
    await acquire(context);
    expect(paths()).toEqual([`${root}/`, rootDocument, metadataUrl, tokenUrl]);
  });

  it('reads the challenge that it is given, and asks the resource nothing', async () => {
    const { acquire, context, paths, opened } = world();
    const header = `DPoP, Bearer resource_metadata="${document}", scope="write"`;
    const challenge = parseChallenges(header)[1];
    await acquire({ ...context, challenge });
    expect([paths(), opened[0]?.['scope']]).toEqual([[document, metadataUrl, tokenUrl], 'write']);
  });

  it('finds the challenge that names metadata among several', async () => {
    const { acquire, context, paths } = world({
      [resource]: challenged(`Basic realm="x", DPoP resource_metadata="${document}"`),
    });
    await acquire(context);
    expect(paths()).toEqual([resource, document, metadataUrl, tokenUrl]);
  });

  it.each([
    ['the resource', { [resource]: new Response(null, { status: 503, headers: { 'retry-after': '7' } }) }],
    ['its metadata', { [document]: new Response(null, { status: 503, headers: { 'retry-after': '7' } }) }],
    [
      'the authorization server',
      { [metadataUrl]: new Response(null, { status: 503, headers: { 'retry-after': '7' } }) },
    ],
  ])('hands a busy answer of %s to the session', async (_, routes) => {
    const { acquire, context } = world(routes);
    const answer = (await acquire(context)) as Response;
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7']);
  });

  it('gives up after 20 s, and leaves no timer', async () => {
    vi.useFakeTimers();
    const { acquire, context } = world({ [document]: () => new Promise(() => {}) });
    const state = stateOf(acquire(context));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(state.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('asks for documents without credentials, cookies and redirects', async () => {
    const { acquire, context, requests } = world();
    await acquire(context);
    for (const { method, headers, init } of requests.slice(0, 3)) {
      expect([method, init.credentials, init.redirect, init.body]).toEqual([
        'GET',
        'omit',
        'manual',
        undefined,
      ]);
      expect([...headers.keys()]).toEqual(['accept']);
    }
  });

  it.each<[string, unknown]>([
    ['says nothing of PKCE', undefined],
    ['has only the plain method', ['plain']],
    ['has a list that is none', 'S256'],
  ])('goes on with no server that %s', async (_, methods) => {
    const { acquire, context, opened } = world({
      [metadataUrl]: () => server({ code_challenge_methods_supported: methods }),
    });
    expect(await rejection(acquire(context))).toMatchObject({
      code: 'refresh-misconfigured',
      message: expect.stringContaining('S256'),
    });
    expect(opened).toEqual([]);
  });

  it('refuses a server that calls itself something else', async () => {
    const { acquire, context } = world({ [metadataUrl]: () => server({ issuer: `${issuer}/` }) });
    expect(await rejection(acquire(context))).toMatchObject({
      message: expect.stringContaining('another issuer'),
    });
  });

  it('looks for a server’s metadata in three places where its issuer has a path, in two where it has none', async () => {
    const origin = 'https://id.example.com';
    const withPath = world({ [metadataUrl]: new Response(null, { status: 404 }) });
    await rejection(withPath.acquire(withPath.context));
    expect(withPath.paths().slice(2)).toEqual([
      `${origin}/.well-known/oauth-authorization-server/tenant`,
      `${origin}/.well-known/openid-configuration/tenant`,
      `${origin}/tenant/.well-known/openid-configuration`,
    ]);
    const without = world({ [document]: () => about({ authorization_servers: [origin] }) });
    await rejection(without.acquire(without.context));
    expect(without.paths().slice(2)).toEqual([
      `${origin}/.well-known/oauth-authorization-server`,
      `${origin}/.well-known/openid-configuration`,
    ]);
  });

  it('uses only the allowed issuers, letter by letter, whatever the resource says', async () => {
    const evil = 'https://evil.test';
    const of = (issuers: string[]) =>
      world(
        { [document]: () => about({ authorization_servers: [evil, issuer] }) },
        { client: { clientId: 'a', clientSecret: 's3cret' }, issuers },
      );
    const refused = of([`${issuer}/`]);
    const error = await rejection(refused.acquire(refused.context));
    expect(error).toMatchObject({
      code: 'refresh-misconfigured',
      message: expect.stringContaining('`issuers`'),
    });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
    expect(refused.paths()).toEqual([resource, document]);
    const allowed = of([issuer]);
    await allowed.acquire(allowed.context);
    expect(allowed.paths()).toEqual([resource, document, metadataUrl, tokenUrl]);
    expect(allowed.to(tokenUrl)[0]?.headers.get('authorization')).toMatch(/^Basic /);
  });

  it('uses an allowed issuer wherever it is', async () => {
    const local = 'https://10.0.0.1';
    const { acquire, context, to } = world(
      {
        [document]: () => about({ authorization_servers: [local] }),
        [`${local}/.well-known/oauth-authorization-server`]: () =>
          server({ issuer: local, token_endpoint: `${local}/token`, revocation_endpoint: undefined }),
        [`${local}/token`]: () => json(tokens),
      },
      { issuers: [local], authorize: async ({ url }) => callback(url, { iss: local }) },
    );
    await acquire(context);
    expect(to(`${local}/token`)).toHaveLength(1);
  });

  it('finds its server on loopback where the resource is there', async () => {
    const at = 'http://127.0.0.1:1234/mcp';
    const local = 'http://localhost:5678';
    const { acquire, context } = world(
      {
        [at]: challenged('Bearer'),
        'http://127.0.0.1:1234/.well-known/oauth-protected-resource/mcp': () =>
          about({ resource: at, authorization_servers: [local] }),
        [`${local}/.well-known/oauth-authorization-server`]: () =>
          json({
            issuer: local,
            authorization_endpoint: `${local}/auth`,
            token_endpoint: `${local}/token`,
            code_challenge_methods_supported: ['S256'],
          }),
        [`${local}/token`]: () => json(tokens),
      },
      { authorize: async ({ url }) => callback(url, { iss: local }) },
      at,
    );
    expect(await acquire(context)).toMatchObject({ access_token: 'at-1' });
  });

  it.each<[string, Routes, string | undefined]>([
    ['the challenge’s', {}, 'read'],
    [
      'the resource’s, where the challenge has none',
      {
        [resource]: challenged(`Bearer resource_metadata="${document}"`),
        [document]: () => about({ scopes_supported: ['a', 'b', 5, 'c"d', ''] }),
      },
      'a b',
    ],
    [
      'none, where neither has one',
      { [resource]: challenged(`Bearer resource_metadata="${document}"`) },
      undefined,
    ],
    [
      'offline access too, where the server has it',
      {
        [metadataUrl]: () => server({ scopes_supported: ['read', 'offline_access'] }),
      },
      'read offline_access',
    ],
  ])('asks for scope: %s', async (_, routes, scope) => {
    const { acquire, context, opened } = world(routes);
    await acquire(context);
    expect(opened[0]?.['scope']).toBe(scope);
    expect(opened[0]?.['prompt']).toBe(scope?.includes('offline_access') ? 'consent' : undefined);
  });

  it('gets tokens for the client itself where no user is asked', async () => {
    const { acquire, context, to } = world(
      { [metadataUrl]: () => server({ code_challenge_methods_supported: undefined }) },
      {
        client: { clientId: 'service', clientSecret: 's3cret' },
        issuers: [issuer],
        authorize: undefined,
        redirectUri: undefined,
      },
    );
    expect(await acquire(context)).toMatchObject({ access_token: 'at-1' });
    expect(Object.fromEntries(to(tokenUrl)[0]?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      scope: 'read',
      resource,
    });
    expect(acquire.promptMs).toBeUndefined();
  });

  it('says whose tokens they are, and that a user is asked', () => {
    const { acquire, refresh } = world();
    expect([acquire.boundTo, refresh.boundTo, refresh.needsRefreshToken]).toEqual([
      `${resource} agent`,
      `${resource} agent`,
      true,
    ]);
    expect(acquire.promptMs).toBe(600_000);
    const upper = world({}, {}, 'https://MCP.example.com:443/mcp');
    expect(upper.acquire.boundTo).toBe(`${resource} agent`);
  });
});

describe('discover with a client that registers', () => {
  const register = { client: { register: { client_name: 'my agent' } } };

  it.each<[string, Response | (() => Response), string]>([
    ['an OAuth error', () => json({ error: 'invalid_redirect_uri' }, 400), 'refresh-misconfigured'],
    ['another refusal', new Response('no', { status: 403 }), 'refresh-misconfigured'],
    [
      'a redirect',
      new Response(null, { status: 307, headers: { location: 'https://evil.test/' } }),
      'refresh-misconfigured',
    ],
    ['a busy server', new Response(null, { status: 503 }), 'refresh-unavailable'],
    ['no client_id', () => json({}, 201), 'token-response'],
    ['a client_id that is none', () => json({ client_id: 'a\nb' }, 201), 'token-response'],
    ['no JSON', new Response('<html>', { status: 201 }), 'token-response'],
  ])('fails with %s, and asks nobody', async (_, answer, code) => {
    const { acquire, context, opened, paths } = world({ [registrationUrl]: answer }, register);
    expect(await rejection(acquire(context))).toMatchObject({ code });
    expect([opened.length, paths().some((url) => url.includes('evil'))]).toEqual([0, false]);
  });

  it('fails where the server registers nobody', async () => {
    const { acquire, context } = world(
      { [metadataUrl]: () => server({ registration_endpoint: undefined }) },
      register,
    );
    expect(await rejection(acquire(context))).toMatchObject({
      code: 'refresh-misconfigured',
      message: expect.stringContaining('registration_endpoint is not known'),
    });
  });

  it('registers a public client with a code grant, once for a server', async () => {
    const { acquire, context, to, opened } = world({}, register);
    await acquire(context);
    await acquire(context);
    const [sent, ...more] = to(registrationUrl);
    expect(more).toEqual([]);
    expect(JSON.parse(sent?.init.body as string)).toEqual({
      client_name: 'my agent',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'web',
    });
    expect([sent?.method, sent?.headers.get('content-type'), sent?.init.redirect]).toEqual([
      'POST',
      'application/json',
      'manual',
    ]);
    expect(opened.map(({ client_id }) => client_id)).toEqual(['made-1', 'made-1']);
  });

  it.each(['http://127.0.0.1:8787/callback', 'com.example.app:/callback'])(
    'registers a native client to come back to %s',
    async (redirectUri) => {
      const authorize: DiscoverOptions['authorize'] = async ({ url }) => callback(url);
      const { acquire, context, to } = world({}, { ...register, redirectUri, authorize });
      await acquire(context);
      expect(JSON.parse(to(registrationUrl)[0]?.init.body as string)).toMatchObject({
        application_type: 'native',
      });
    },
  );

  it('registers anew with a server that has forgotten the client', async () => {
    const answers = [() => json({ error: 'invalid_client' }, 401), () => json(tokens)];
    const { acquire, context, to } = world({ [tokenUrl]: answers }, register);
    expect(await rejection(acquire(context))).toMatchObject({ error: 'invalid_client' });
    await acquire(context);
    expect(to(registrationUrl)).toHaveLength(2);
  });

  it.each([
    ['client_secret_post', undefined, 's3cret'],
    ['client_secret_basic', /^Basic /, undefined],
    [undefined, /^Basic /, undefined],
    ['none', undefined, undefined],
  ])('authenticates as it was registered: %s', async (token_endpoint_auth_method, header, inBody) => {
    const issued = { client_id: 'made-1', client_secret: 's3cret', token_endpoint_auth_method };
    const { acquire, refresh, context, to } = world({ [registrationUrl]: () => json(issued, 201) }, register);
    const answer = (await acquire(context)) as unknown as { oauth_client: object };
    const held = { accessToken: 'at-1', refreshToken: 'rt-2', extra: { oauth_client: answer.oauth_client } };
    await refresh({ ...context, held });
    for (const { headers, form } of to(tokenUrl)) {
      if (header) expect(headers.get('authorization')).toMatch(header);
      else expect(headers.get('authorization')).toBeNull();
      expect(form.get('client_secret')).toBe(inBody ?? null);
    }
  });
});

describe('discover refresh', () => {
  const mine = { oauth_client: { issuer, client_id: 'agent', resource } };

  it.each<[string, Record<string, unknown> | undefined]>([
    ['nothing', undefined],
    ['no issuer', { oauth_client: { client_id: 'agent', resource } }],
    ['no client', { oauth_client: { issuer, resource } }],
    ['no resource', { oauth_client: { issuer, client_id: 'agent' } }],
    ['garbage', { oauth_client: 'x' }],
  ])('sends the user to sign in again where the tokens say %s of whose they are', async (_, extra) => {
    const { refresh, held, requests } = world();
    expect(await rejection(refresh(held(extra)))).toMatchObject({ code: 'refresh-rejected' });
    expect(requests).toEqual([]);
  });

  it.each([
    ['not allowed', { issuers: ['https://other.example.com'] }, issuer],
    ['a neighbor', {}, 'https://10.0.0.1'],
  ])('sends no refresh token to an issuer that is %s', async (_, options, of) => {
    const { refresh, held, requests } = world({}, options);
    const extra = { oauth_client: { ...mine.oauth_client, issuer: of } };
    expect(await rejection(refresh(held(extra)))).toMatchObject({ code: 'refresh-misconfigured' });
    expect(requests).toEqual([]);
  });

  it('sends it to the issuer of the tokens, whatever the resource says by now', async () => {
    const { refresh, held, paths } = world({
      [document]: () => about({ authorization_servers: ['https://evil.test'] }),
    });
    expect(await refresh(held(mine))).toMatchObject({
      access_token: 'at-1',
      oauth_client: mine.oauth_client,
    });
    expect(paths()).toEqual([metadataUrl, tokenUrl]);
  });

  it.each([
    ['members of ours', { accessToken: 'at-1', refreshToken: 'rt-2', extra: { oauth_client: 'evil' } }],
    ['its own', { access_token: 'at-1', refresh_token: 'rt-2', oauth_client: 'evil' }],
  ])('keeps whose tokens they are also where the token endpoint says otherwise in %s', async (_, answer) => {
    const { acquire, refresh, fetch } = world({ [tokenUrl]: () => json(answer) });
    const seen: unknown[] = [];
    const session = createSession({ acquire, refresh, fetch, user: ({ extra }) => seen.push(extra) });
    await session.signIn();
    expect(seen).toEqual([{ oauth_client: mine.oauth_client }]);
  });

  it('reads the server’s metadata at every sign-in, and for refreshes once', async () => {
    const { acquire, refresh, context, held, to } = world();
    await refresh(held(mine));
    await refresh(held(mine));
    expect([to(metadataUrl).length, to(document).length]).toEqual([1, 0]);
    await acquire(context);
    await acquire(context);
    await refresh(held(mine));
    expect([to(metadataUrl).length, to(document).length]).toEqual([3, 2]);
  });

  it('hands a busy server to the session', async () => {
    const { refresh, held } = world({ [metadataUrl]: new Response(null, { status: 503 }) });
    expect(((await refresh(held(mine))) as Response).status).toBe(503);
    const busy = world({ [tokenUrl]: new Response(null, { status: 503 }) });
    expect(((await busy.refresh(busy.held(mine))) as Response).status).toBe(503);
  });

  it('has a user whose registered client is forgotten sign in again, and tells others of invalid_client', async () => {
    const routes = { [tokenUrl]: () => json({ error: 'invalid_client' }, 401) };
    const registered = world(routes, { client: { register: {} } });
    expect(await rejection(registered.refresh(registered.held(mine)))).toMatchObject({
      code: 'refresh-rejected',
    });
    const known = world(routes);
    expect(await rejection(known.refresh(known.held(mine)))).toMatchObject({ code: 'refresh-misconfigured' });
  });

  it('keeps whose tokens they are through a session’s refreshes, and no secret that an option has', async () => {
    const { acquire, refresh, fetch, to } = world(
      {},
      { client: { clientId: 'agent', clientSecret: 's3cret' }, issuers: [issuer] },
    );
    const seen: unknown[] = [];
    const session = createSession({ acquire, refresh, fetch, user: ({ extra }) => seen.push(extra) });
    await session.signIn();
    await session.refresh();
    await session.refresh();
    expect(seen).toEqual([mine, mine, mine]);
    expect(to(tokenUrl).map(({ form }) => form.get('grant_type'))).toEqual([
      'authorization_code',
      'refresh_token',
      'refresh_token',
    ]);
    expect(to(tokenUrl).every(({ headers }) => headers.get('authorization')?.startsWith('Basic '))).toBe(
      true,
    );
  });
});

describe('discover stepUp', () => {
  const challenge: Challenge = {
    scheme: 'bearer',
    params: { error: 'insufficient_scope', resource_metadata: document, scope: 'write' },
  };
  const held = { accessToken: 'at-0', scope: 'read list' };

  it('asks for what was granted and what the challenge wants', async () => {
    const { stepUp, context, opened } = world();
    const need: StepUpNeed = { type: 'scope', scope: ['write', 'read'], challenge };
    expect(await stepUp(need, { ...context, held, url: resource })).toMatchObject({ access_token: 'at-1' });
    expect(opened.map(({ scope }) => scope)).toEqual(['read list write']);
  });

  it('asks for a stronger and newer sign-in', async () => {
    const { stepUp, context, opened } = world();
    const need: StepUpNeed = { type: 'authentication', acrValues: ['gold'], maxAge: 60, challenge };
    await stepUp(need, { ...context, held: { accessToken: 'at-0' }, url: resource });
    expect(opened).toMatchObject([{ acr_values: 'gold', max_age: '60', scope: 'write' }]);
    await stepUp({ type: 'authentication', challenge }, { ...context, held, url: resource });
    expect(opened[1]).not.toHaveProperty('acr_values');
  });

  it('asks for no claims', async () => {
    const { stepUp, context, opened } = world();
    const need: StepUpNeed = { type: 'claims', claims: 'e30', challenge };
    expect(await rejection(stepUp(need, { ...context, held, url: resource }))).toMatchObject({
      code: 'refresh-misconfigured',
    });
    expect(opened).toEqual([]);
  });
});
