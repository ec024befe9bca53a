import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { apiKey } from '../../src/schemes/api-key.js';
import { bearer } from '../../src/schemes/bearer.js';
import { digest } from '../../src/schemes/digest/digest.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { movedTo, refused, type Sending, web } from '../support/races-web.js';

const here = 'https://api.example.com';
const cdn = 'https://cdn.example.com';
const evil = 'https://evil.example';
const secret = 'the-secret-key';
const inHeader = () => apiKey({ header: 'X-API-Key', value: secret });
const inQuery = () => apiKey({ query: 'key', value: secret });

const carries = ({ url, headers }: Sending) =>
  [url, ...headers.values()].some((text) => text.includes(secret));
const ok = () => new Response('ok');

describe('createAuthFetch: redirects of a bearer token', () => {
  it('are fetch’s own affair, and cost nothing', async () => {
    const { fetch, sendings } = web(() => ok());
    const authFetch = createAuthFetch({ baseUrl: here, auth: bearer(secret), fetch });
    await authFetch(`${here}/a`);
    await authFetch(`${here}/a`, { redirect: 'manual' });
    expect(sendings.map(({ redirect }) => redirect)).toEqual([undefined, 'manual']);
  });
});

describe.each([
  ['in a header', inHeader],
  ['in the query', inQuery],
])('createAuthFetch: redirects of an API key %s', (_, auth) => {
  const start = (pages: Parameters<typeof web>[0], origins: string[] = [here]) => {
    const { fetch, sendings } = web(pages);
    return { sendings, authFetch: createAuthFetch({ baseUrl: here, origins, auth: auth(), fetch }) };
  };

  it('are followed by hand, with the key as long as the hops stay inside', async () => {
    const { sendings, authFetch } = start(
      {
        [`${here}/a`]: () => movedTo('/b'),
        [`${here}/b`]: () => movedTo(`${cdn}/c`),
        [`${cdn}/c`]: ok,
      },
      [here, cdn],
    );
    const response = await authFetch('/a');
    expect(response.redirected).toBe(true);
    expect(sendings.map(carries)).toEqual([true, true, true]);
    expect(sendings.every(({ redirect }) => redirect === 'manual')).toBe(true);
  });

  it('lose it where they leave, and do not get it back', async () => {
    const { sendings, authFetch } = start({
      [`${here}/a`]: () => movedTo(`${evil}/b`),
      [`${evil}/b`]: () => movedTo(`${here}/c`),
      [`${here}/c`]: () => movedTo(`${here}/d`),
      [`${here}/d`]: ok,
    });
    expect(await (await authFetch('/a')).text()).toBe('ok');
    expect(sendings.map(carries)).toEqual([true, false, false, false]);
  });

  it.each([
    `${evil}/b`,
    '//evil.example/b',
    '/\\evil.example/b',
    'http://api.example.com/b',
    'https://api.example.com:8443/b',
    'https://api.example.com.evil.example/b',
  ])('lose it on the way to %j', async (location) => {
    const { sendings, authFetch } = start((_, n) => (n === 1 ? movedTo(location) : ok()));
    await authFetch('/a');
    expect(sendings.map(carries)).toEqual([true, false]);
  });

  it.each(['https://user:pass@api.example.com/', 'file:///etc/passwd', 'data:,x', 'https://'])(
    'end in a TypeError at %j',
    async (location) => {
      const { sendings, authFetch } = start((_, n) => (n === 1 ? movedTo(location) : ok()));
      await expect(authFetch('/a')).rejects.toBeInstanceOf(TypeError);
      expect(sendings).toHaveLength(1);
    },
  );

  it('that came back to a 401 are not answered', async () => {
    const { sendings, authFetch } = start({
      [`${here}/a`]: () => movedTo(`${evil}/b`),
      [`${evil}/b`]: () => movedTo(`${here}/c`),
      [`${here}/c`]: () => refused({ 'www-authenticate': 'ApiKey' }),
    });
    expect(outcomeOf(await authFetch('/a'))?.reason).toBe('other-origin');
    expect(sendings.map(carries)).toEqual([true, false, false]);
  });

  it('end in a TypeError where the platform does not say where to', async () => {
    const opaque = Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' });
    const { sendings, authFetch } = start(() => opaque);
    await expect(authFetch('/a')).rejects.toBeInstanceOf(TypeError);
    expect(sendings).toHaveLength(1);
  });

  it('end after twenty', async () => {
    const { sendings, authFetch } = start((_, n) => movedTo(`/${n}`));
    await expect(authFetch('/a')).rejects.toBeInstanceOf(TypeError);
    expect(sendings).toHaveLength(21);
  });

  it.each(['manual', 'error'] as const)('are not followed where the caller says %s', async (redirect) => {
    const { sendings, authFetch } = start(() => movedTo(`${evil}/`));
    const response = await authFetch('/a', { redirect });
    expect(response.status).toBe(302);
    expect(sendings.map(({ redirect: said }) => said)).toEqual([redirect]);
  });

  it('of a Request lose it too', async () => {
    const { sendings, authFetch } = start((_, n) => (n === 1 ? movedTo(`${evil}/b`, 307) : ok()));
    await authFetch(new Request(`${here}/a`, { method: 'POST', body: 'x', headers: { 'X-Mine': '1' } }));
    expect(sendings.map(carries)).toEqual([true, false]);
    expect(sendings.map(({ body, method }) => [method, body])).toEqual([
      ['POST', 'x'],
      ['POST', 'x'],
    ]);
    expect(sendings[1]?.headers.get('x-mine')).toBe('1');
  });
});

describe('createAuthFetch: what becomes of a request that is redirected by hand', () => {
  it.each([
    [301, 'POST', 'GET', undefined],
    [302, 'POST', 'GET', undefined],
    [303, 'POST', 'GET', undefined],
    [303, 'PUT', 'GET', undefined],
    [303, 'HEAD', 'HEAD', undefined],
    [301, 'PUT', 'PUT', 'body'],
    [302, 'DELETE', 'DELETE', undefined],
    [307, 'POST', 'POST', 'body'],
    [308, 'POST', 'POST', 'body'],
  ])('%d makes %s a %s', async (status, method, next, body) => {
    const { fetch, sendings } = web((_, n) => (n === 1 ? movedTo('/b', status) : ok()));
    const authFetch = createAuthFetch({ baseUrl: here, auth: inHeader(), fetch });
    const bodies = method === 'POST' || method === 'PUT';
    await authFetch('/a', {
      method,
      ...(bodies ? { body: 'body', headers: { 'content-type': 'text/x' } } : {}),
    });
    expect(sendings[1]).toMatchObject({ method: next, body });
    expect(sendings[1]?.headers.get('content-type')).toBe(body === undefined ? null : 'text/x');
  });

  it('the caller’s cookies and proxy credentials stay at their origin', async () => {
    const { fetch, sendings } = web((_, n) => (n === 1 ? movedTo(`${evil}/b`) : ok()));
    const authFetch = createAuthFetch({ baseUrl: here, auth: inHeader(), fetch });
    await authFetch('/a', { headers: { cookie: 'a=b', 'proxy-authorization': 'x', accept: 'text/x' } });
    expect([...(sendings[1]?.headers.keys() ?? [])]).toEqual(['accept']);
  });

  it('a body that can be sent only once is not sent again', async () => {
    const { fetch, sendings } = web((_, n) => (n === 1 ? movedTo('/b', 307) : ok()));
    const authFetch = createAuthFetch({ baseUrl: here, auth: inHeader(), fetch, maxReplayBytes: 4 });
    const body = new Blob(['0123456789']).stream();
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    await expect(authFetch('/a', init)).rejects.toBeInstanceOf(TypeError);
    expect(sendings.map((sending) => sending.body)).toEqual(['0123456789']);
  });

  it('the stamp of a cookie session stays inside, and cookies are asked for no more', async () => {
    const { fetch, sendings } = web((_, n) => (n === 1 ? movedTo(`${evil}/b`) : ok()));
    const token = vi.fn(() => secret);
    const session = createCookieSession({
      refresh: async () => new Response(null, { status: 204 }),
      csrf: { header: 'X-CSRF', token },
    });
    await session.signIn();
    await createAuthFetch({ baseUrl: here, auth: session, fetch })('/a');
    expect(sendings.map(carries)).toEqual([true, false]);
    expect(sendings.map(({ credentials }) => credentials)).toEqual(['include', undefined]);
    expect(token).toHaveBeenCalledTimes(1);
  });
});

describe('createAuthFetch: redirects that the platform follows whatever it is told (React Native)', () => {
  // it says where to, and not whether
  const ledTo = (url: string, response = ok()) =>
    Object.defineProperties(response, { url: { value: url }, redirected: { value: undefined } });
  const digested = () => digest({ username: 'u', password: secret }, { cnonce: () => 'c0ffee' });

  it('end in a TypeError that names where a header of ours may have gone, and nothing else', async () => {
    const { fetch, sendings } = web(() => ledTo(`${evil}/b?token=1`));
    const authFetch = createAuthFetch({ baseUrl: here, auth: inHeader(), fetch });
    const error = await authFetch('/a').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(`${evil},`);
    expect(String(error)).not.toContain('token');
    expect(String(error)).not.toContain(secret);
    expect(sendings).toHaveLength(1);
  });

  it('name no place that is not one', async () => {
    const { fetch } = web(() => ledTo('about:blank'));
    const authFetch = createAuthFetch({ baseUrl: here, auth: inHeader(), fetch });
    await expect(authFetch('/a')).rejects.toThrow('another origin');
  });

  it('are delivered where they stay inside', async () => {
    const { fetch } = web(() => ledTo(`${cdn}/b`));
    const authFetch = createAuthFetch({ baseUrl: here, origins: [here, cdn], auth: inHeader(), fetch });
    expect((await authFetch('/a')).url).toBe(`${cdn}/b`);
  });

  it('are none where the URL is as it was sent, with the key in its query', async () => {
    const { fetch } = web(({ url }) => ledTo(url));
    const authFetch = createAuthFetch({ baseUrl: here, auth: inQuery(), fetch });
    expect((await authFetch('/a')).status).toBe(200);
    expect((await authFetch(new Request(`${here}/a`))).status).toBe(200);
  });

  it('are delivered where the key was in the query, which stays behind', async () => {
    const { fetch } = web(() => ledTo(`${evil}/b`));
    const authFetch = createAuthFetch({ baseUrl: here, auth: inQuery(), fetch });
    expect((await authFetch('/a')).url).toBe(`${evil}/b`);
  });

  it('lead to no answer for another origin’s challenge, and teach nothing', async () => {
    const challenge = 'Digest realm="r", nonce="n", qop="auth"';
    const { fetch, sendings } = web((_, n) =>
      n === 1
        ? ledTo(`${here}/a`, refused({ 'www-authenticate': challenge }))
        : ledTo(`${evil}/b`, refused({ 'www-authenticate': challenge.replace('"n"', '"e"') })),
    );
    const authFetch = createAuthFetch({ baseUrl: here, auth: digested(), fetch });
    expect(outcomeOf(await authFetch('/a'))).toMatchObject({ reason: 'other-origin', sendings: 2 });
    expect(sendings).toHaveLength(2);
  });

  it('are answered at the final URL where that is ours: GET, and never a POST', async () => {
    for (const [method, urls] of [
      ['GET', ['/a', '/b']],
      ['POST', ['/a']],
    ] as const) {
      const { fetch, sendings } = web((_, n) =>
        n === 1
          ? ledTo(`${here}/b`, refused({ 'www-authenticate': 'ApiKey' }))
          : ledTo(`${here}/b`, new Response('ok')),
      );
      const keys = ['old', 'new'];
      const auth = apiKey({ header: 'X-API-Key', value: () => keys.shift() ?? 'new' });
      await createAuthFetch({ baseUrl: here, auth, fetch })('/a', { method });
      expect(sendings.map(({ url }) => url)).toEqual(urls.map((path) => here + path));
    }
  });
});
