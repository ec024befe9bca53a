import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import type { Scheme } from '../../src/schemes/scheme.js';
import { bodyOf, FakeCore, ORIGIN, serve, sessionOver } from './support.js';

interface Hop {
  readonly at: 'home' | 'away';
  readonly url: string;
  readonly method: string;
  readonly key: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const hops: Hop[] = [];
let home: Awaited<ReturnType<typeof serve>>;
let away: Awaited<ReturnType<typeof serve>>;
/** What a path answers; by default 200 with the path. */
let routes: Record<string, (response: ServerResponse, hop: Hop) => void> = {};

function handler(at: Hop['at']) {
  return async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await bodyOf(request)).toString();
    const { url = '', method = '', headers } = request;
    const hop = { at, url, method, headers, body, key: headers['x-api-key'] as string | undefined };
    hops.push(hop);
    const route = routes[`${at}${url.split('?')[0]}`];
    if (route) route(response, hop);
    else response.end(`${at}${url}`);
  };
}

const to =
  (location: () => string, status = 302) =>
  (response: ServerResponse) => {
    response.writeHead(status, { location: location() }).end();
  };

beforeAll(async () => {
  home = await serve(handler('home'));
  away = await serve(handler('away'));
});
afterAll(async () => {
  await home.close();
  await away.close();
});
afterEach(() => {
  vi.unstubAllGlobals();
});
beforeEach(() => {
  hops.length = 0;
  routes = {};
});

let version = 1;
const apiKey: Scheme = {
  name: 'key',
  redirects: 'by-hand',
  credentials: () => ({ headers: { 'X-API-Key': `k${version}` }, version }),
  remedy: (_challenge, refused) => (refused === undefined ? 'answer' : 'replace'),
  replace: () => ({ credentials: { headers: { 'X-API-Key': `k${++version}` }, version }, minted: true }),
};
const byKey = (origins: string[] = [home.origin]) => {
  version = 1;
  return createAuthFetch({ origins, auth: apiKey });
};
const byToken = (core = new FakeCore()) => createAuthFetch({ origins: home.origin, auth: sessionOver(core) });
const refuseOnce = (token: string) => (response: ServerResponse, hop: Hop) => {
  const sent = hop.headers.authorization ?? hop.key;
  if (sent !== token) response.writeHead(401, { 'www-authenticate': 'Bearer' });
  response.end(`${hop.method} ${hop.body}`);
};

describe('redirects that fetch follows', () => {
  it('delivers a 401 of another origin, and sends nothing more there', async () => {
    routes = { 'home/a': to(() => `${away.origin}/b`), 'away/b': (r) => r.writeHead(401).end('foreign') };
    const core = new FakeCore();
    const response = await byToken(core)(`${home.origin}/a`);
    expect(outcomeOf(response)?.reason).toBe('other-origin');
    expect(await response.text()).toBe('foreign');
    expect(hops.map((h) => [h.at, h.headers.authorization])).toEqual([
      ['home', 'Bearer t1'],
      ['away', undefined],
    ]);
    expect(core.replaced).toHaveLength(0);
  });

  it('delivers the 401 of a redirected POST: it is never sent twice', async () => {
    routes = { 'home/a': to(() => '/b', 307), 'home/b': refuseOnce('Bearer t2') };
    const core = new FakeCore();
    const response = await byToken(core)(`${home.origin}/a`, { method: 'POST', body: 'x' });
    expect(outcomeOf(response)?.reason).toBe('redirected');
    expect(hops.filter((h) => h.url === '/b')).toHaveLength(1);
  });

  it('answers the 401 of a redirected GET at the final URL', async () => {
    routes = { 'home/a': to(() => '/b?q=1'), 'home/b': refuseOnce('Bearer t2') };
    for (const input of [
      `${home.origin}/a`,
      new Request(`${home.origin}/a`, { headers: { 'x-mine': 'm' } }),
    ]) {
      hops.length = 0;
      const response = await byToken()(
        input,
        typeof input === 'string' ? { headers: { 'x-mine': 'm' } } : undefined,
      );
      expect(response.status).toBe(200);
      expect(hops.map((h) => [h.url, h.headers.authorization, h.headers['x-mine']])).toEqual([
        ['/a', 'Bearer t1', 'm'],
        ['/b?q=1', 'Bearer t1', 'm'],
        ['/b?q=1', 'Bearer t2', 'm'],
      ]);
    }
  });

  it.each([
    ['does not say (React Native)', null, {}],
    ['always says no (the Edge Runtime)', false, { EdgeRuntime: 'edge-runtime' }],
  ])('takes another final URL for a redirect where the platform %s', async (_, redirected, globals) => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    for (const [final, method, reason, url = `${ORIGIN}/x`] of [
      [`${ORIGIN}/b`, 'POST', 'redirected'],
      ['https://evil.test/x', 'GET', 'other-origin'],
      [`${ORIGIN}/x/`, 'POST', undefined],
      // as native sides write URLs
      [`${ORIGIN}/a%20b/%C3%BC?q=1|%22%27%5B`, 'POST', undefined, `${ORIGIN}/a b/ü?q=1|"'[#f`],
      [`${ORIGIN}/?q=%20`, 'POST', undefined, `${ORIGIN}?q=%20`],
      [`${ORIGIN}/x`, 'POST', undefined, 'https://API.example.com:443/x'],
      [`${ORIGIN}/a/b`, 'POST', 'redirected', `${ORIGIN}/a%2Fb`],
      [`${ORIGIN}/%EF%BF%BD`, 'POST', 'redirected', `${ORIGIN}/\ud800`],
    ] as const) {
      let count = 0;
      const fetch = async () => {
        const response = new Response(null, { status: count++ === 0 ? 401 : 200 });
        return Object.defineProperties(response, {
          url: { value: final },
          redirected: { value: redirected },
        });
      };
      const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(new FakeCore()), fetch });
      expect(outcomeOf(await authFetch(url, { method }))?.reason, url).toBe(reason);
    }
  });
});

describe('redirects that are followed by hand', () => {
  it('drops the credentials when a hop leaves the origins, for the rest of the chain', async () => {
    routes = {
      'home/a': to(() => `${away.origin}/b`),
      'away/b': to(() => `${home.origin}/c`),
      'home/c': (r) => r.writeHead(401).end('no'),
    };
    const init = { headers: { cookie: 'c=1', 'x-mine': 'm' } };
    const response = await byKey()(`${home.origin}/a`, init);
    expect(hops.map((h) => [h.at, h.key, h.headers.cookie, h.headers['x-mine']])).toEqual([
      ['home', 'k1', 'c=1', 'm'],
      ['away', undefined, undefined, 'm'],
      ['home', undefined, undefined, 'm'],
    ]);
    expect(outcomeOf(response)?.reason).toBe('other-origin');
  });

  it('keeps the credentials at another of its origins', async () => {
    routes = { 'home/a': to(() => `${away.origin}/b`) };
    const response = await byKey([home.origin, away.origin])(`${home.origin}/a`);
    expect([response.status, response.redirected, response.url]).toEqual([200, true, `${away.origin}/b`]);
    expect(hops.map((h) => h.key)).toEqual(['k1', 'k1']);
  });

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [302, 'PUT', 'PUT', 'x'],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [307, 'POST', 'POST', 'x'],
    [308, 'PATCH', 'PATCH', 'x'],
  ])('%i makes of a %s a %s, as fetch does', async (status, method, then, body) => {
    routes = { 'home/a': to(() => 'b', status) };
    const init = {
      method,
      ...(method === 'HEAD' ? {} : { body: 'x', headers: { 'content-language': 'en' } }),
    };
    await byKey()(`${home.origin}/a`, init);
    await byKey()(new Request(`${home.origin}/a`, init));
    await fetch(`${home.origin}/a`, init);
    const ends = hops.filter((h) => h.url === '/b');
    expect(ends.map((h) => [h.method, h.body])).toEqual([
      [then, body],
      [then, body],
      [then, body],
    ]);
    const [text, request, native] = ends.map((h) => [
      h.headers['content-language'],
      h.headers['content-type'],
    ]);
    expect([text, request]).toEqual([native, native]);
  });

  it('answers a 401 at the final URL with the method it had there, also a POST', async () => {
    routes = { 'home/a': to(() => '/b', 307), 'home/b': refuseOnce('k2') };
    const response = await byKey()(`${home.origin}/a`, { method: 'POST', body: 'x' });
    expect(await response.text()).toBe('POST x');
    expect(hops.map((h) => [h.url, h.method, h.key])).toEqual([
      ['/a', 'POST', 'k1'],
      ['/b', 'POST', 'k1'],
      ['/b', 'POST', 'k2'],
    ]);
  });

  it('stops after 20 hops', async () => {
    routes = { 'home/a': to(() => '/a') };
    await expect(byKey()(`${home.origin}/a`)).rejects.toThrow(/more than 20/);
    expect(hops).toHaveLength(21);
  });

  it('is a TypeError to send a body that is spent once more', async () => {
    routes = { 'home/a': to(() => '/b', 307) };
    const authFetch = createAuthFetch({ origins: home.origin, auth: apiKey, maxReplayBytes: 0 });
    const init = { method: 'POST', body: new Blob(['xx']).stream(), duplex: 'half' } as RequestInit;
    await expect(authFetch(`${home.origin}/a`, init)).rejects.toThrow(TypeError);
    expect(hops).toHaveLength(1);
  });

  it.each(['ftp://a.example/', 'http://', 'data:,x'])('is a TypeError to be sent to %s', async (location) => {
    routes = { 'home/a': to(() => location) };
    await expect(byKey()(`${home.origin}/a`)).rejects.toThrow(TypeError);
  });

  it('is a TypeError where the platform does not tell where to (browsers)', async () => {
    const opaque = Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' });
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: apiKey, fetch: async () => opaque });
    await expect(authFetch(`${ORIGIN}/a`)).rejects.toThrow(TypeError);
  });

  it("respects the caller's own redirect", async () => {
    routes = { 'home/a': to(() => '/b') };
    expect((await byKey()(`${home.origin}/a`, { redirect: 'manual' })).status).toBe(302);
    expect((await byKey()(new Request(`${home.origin}/a`, { redirect: 'manual' }))).status).toBe(302);
    await expect(byKey()(`${home.origin}/a`, { redirect: 'error' })).rejects.toThrow(TypeError);
    expect(hops.map((h) => h.url)).toEqual(['/a', '/a', '/a']);
  });

  it('delivers a redirect status without Location', async () => {
    routes = { 'home/a': (r) => r.writeHead(302).end('here') };
    const response = await byKey()(`${home.origin}/a`);
    expect([response.status, response.redirected, await response.text()]).toEqual([302, false, 'here']);
  });
});

describe('credentials in the query', () => {
  it('go before the fragment, with text and with a Request, and never into events', async () => {
    const events: unknown[] = [];
    const auth: Scheme = {
      name: 'q',
      credentials: () => ({ query: { 'api key': 's&cret' } }),
      remedy: () => 'answer',
    };
    routes = { 'home/a': (r) => r.writeHead(401).end() };
    const authFetch = createAuthFetch({
      origins: home.origin,
      auth,
      observe: (event) => void events.push(event),
    });
    await authFetch(`${home.origin}/a?b=c#d`);
    await authFetch(`${home.origin}/b#d`);
    await authFetch(new Request(`${home.origin}/b`, { method: 'POST', body: 'x' }));
    expect(hops.map((h) => [h.url, h.body])).toEqual([
      ['/a?b=c&api%20key=s%26cret', ''],
      ['/b?api%20key=s%26cret', ''],
      ['/b?api%20key=s%26cret', 'x'],
    ]);
    expect(events.length).toBeGreaterThan(0);
    expect(JSON.stringify(events)).not.toMatch(/cret|b=c/);
  });
});
