import { afterEach, describe, expect, it, vi } from 'vitest';
import { oauthProvider, refreshTokenGrant, revocation } from '../../src/oauth/index.js';
import { endingRequests } from '../support/races-requests.js';
import { flush, pass, raceClock, watch } from '../support/races-tools.js';
import {
  authorizationServer,
  context,
  issuer,
  json,
  metadata,
  metadataUrl,
  openidUrl,
  rejection,
  tokenUrl,
} from './authorization-server.js';

const clientId = 'spa';
type Routes = Parameters<typeof authorizationServer>[0];

function refreshing(routes: Routes, from: string | URL = issuer) {
  const server = authorizationServer(routes);
  const refresh = refreshTokenGrant({ issuer: from, clientId });
  return { ...server, refresh: () => refresh(context(server.fetch)) };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('oauthProvider: discovery', () => {
  it.each([
    ['another host', 'https://evil.example.com/tenant'],
    ['a trailing slash', `${issuer}/`],
    ['another case', 'https://ID.example.com/tenant'],
    ['the default port written out', 'https://id.example.com:443/tenant'],
    ['a percent-encoded letter', 'https://id.example.com/%74enant'],
  ])('uses no metadata whose issuer differs by %s', async (_, named) => {
    const { refresh, to } = refreshing({ [metadataUrl]: () => metadata({ issuer: named }) });
    expect(await rejection(refresh())).toMatchObject({
      code: 'refresh-misconfigured',
      message: expect.stringContaining(`another issuer, "${named}"`),
    });
    expect(to(tokenUrl)).toEqual([]);
  });

  it.each([
    ['no issuer', { issuer: undefined }],
    ['an issuer that is no string', { issuer: 1 }],
    ['no token endpoint', { token_endpoint: undefined }],
    ['a token endpoint that is no string', { token_endpoint: [tokenUrl] }],
    ['a token endpoint over http', { token_endpoint: 'http://id.example.com/token' }],
    ['a token endpoint on loopback beside an https issuer', { token_endpoint: 'http://127.0.0.1:1/token' }],
    ['a token endpoint with a password', { token_endpoint: 'https://u:p@id.example.com/token' }],
    ['a token endpoint with a fragment', { token_endpoint: `${tokenUrl}#x` }],
    ['a relative token endpoint', { token_endpoint: '/token' }],
    ['a token endpoint of another scheme', { token_endpoint: 'data:application/json,{}' }],
    ['a revocation endpoint over http', { revocation_endpoint: 'http://id.example.com/revoke' }],
  ])('refuses metadata with %s', async (_, hostile) => {
    const { refresh, requests } = refreshing({ [metadataUrl]: () => metadata(hostile) });
    expect(await rejection(refresh())).toMatchObject({ code: 'refresh-misconfigured' });
    expect(requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it.each([
    ['HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['JSON of another type', () => new Response('{}', { headers: { 'content-type': 'text/plain' } })],
    ['broken JSON', () => new Response('{"issuer":', { headers: { 'content-type': 'application/json' } })],
    ['an array', () => json([])],
    ['null', () => json(null)],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://evil.test/' } })],
    ['a redirect as browsers show it', () => Response.error()],
    ['204', () => new Response(null, { status: 204 })],
    ['401', () => new Response(null, { status: 401 })],
  ])('is not content with %s', async (_, answer) => {
    const { refresh, to, requests } = refreshing({ [metadataUrl]: answer });
    expect(await rejection(refresh())).toMatchObject({ code: 'refresh-misconfigured' });
    expect(to(tokenUrl)).toEqual([]);
    expect(requests.map(({ url }) => url)).toEqual([metadataUrl, openidUrl]);
  });

  it('reads no more than 64 KiB, announced or not', async () => {
    const announced = () =>
      new Response('{}', { headers: { 'content-type': 'application/json', 'content-length': '65537' } });
    expect(await rejection(refreshing({ [metadataUrl]: announced }).refresh())).toMatchObject({
      code: 'refresh-misconfigured',
    });

    let pulled = 0;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            pulled++;
            controller.enqueue(new Uint8Array(16_384).fill(32));
          },
        }),
        { headers: { 'content-type': 'application/json' } },
      );
    const { refresh } = refreshing({ [metadataUrl]: endless });
    expect(await rejection(refresh())).toMatchObject({
      message: expect.stringContaining('at most 64 KiB'),
    });
    expect(pulled).toBeLessThan(8);
  });

  it('reads no more than 64 KiB where bodies are no streams', async () => {
    const unstreamed = () => {
      const response = new Response(`${' '.repeat(65_536)}{}`, {
        headers: { 'content-type': 'application/json' },
      });
      Object.defineProperty(response, 'body', { value: undefined });
      return response;
    };
    expect(await rejection(refreshing({ [metadataUrl]: unstreamed }).refresh())).toMatchObject({
      code: 'refresh-misconfigured',
    });
  });

  it('gives up after 5 s, ends the request and tries again at the next call', async () => {
    vi.useFakeTimers();
    let signal: AbortSignal | null | undefined;
    const { refresh, to } = refreshing({
      [metadataUrl]: [
        (seen) => {
          signal = seen.init.signal;
          return new Promise(() => {});
        },
        () => metadata(),
      ],
    });
    const first = rejection(refresh());
    await vi.advanceTimersByTimeAsync(4_999);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await first).toMatchObject({ code: 'refresh-unavailable' });
    expect(signal?.aborted).toBe(true);
    expect(await refresh()).toMatchObject({ access_token: 'at-1' });
    expect(to(metadataUrl)).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('hands a busy server to the session, with its Retry-After', async () => {
    const busy = new Response('<html>', { status: 503, headers: { 'retry-after': '7' } });
    const { refresh } = refreshing({ [metadataUrl]: busy });
    const answer = (await refresh()) as Response;
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([503, '7', '']);
  });

  it('passes a network failure on as it is, and is not stuck with it', async () => {
    const failure = new TypeError('fetch failed');
    const { refresh } = refreshing({ [metadataUrl]: [failure, () => metadata()] });
    expect(await rejection(refresh())).toBe(failure);
    expect(await refresh()).toMatchObject({ access_token: 'at-1' });
  });

  it("frees an aborted caller at once and keeps the others' discovery", async () => {
    let answer: (response: Response) => void = () => {};
    const { fetch, to } = authorizationServer({
      [metadataUrl]: () => new Promise((resolve) => (answer = resolve)),
    });
    const refresh = refreshTokenGrant({ issuer, clientId });
    const controller = new AbortController();
    const impatient = rejection(refresh(context(fetch, controller.signal)));
    const patient = refresh(context(fetch));
    const reason = new Error('gone');
    controller.abort(reason);
    expect(await impatient).toBe(reason);
    answer(metadata());
    expect(await patient).toMatchObject({ access_token: 'at-1' });
    expect(to(metadataUrl)).toHaveLength(1);
  });

  it('starts nothing for a caller that is aborted already', async () => {
    const { fetch, requests } = authorizationServer();
    const aborted = AbortSignal.abort(new Error('gone'));
    expect(await rejection(refreshTokenGrant({ issuer, clientId })(context(fetch, aborted)))).toMatchObject({
      message: 'gone',
    });
    expect(requests).toEqual([]);
  });

  it('happens once for everything made from a provider', async () => {
    const { fetch, to } = authorizationServer();
    const idp = oauthProvider({ issuer, clientId });
    const refresh = refreshTokenGrant(idp);
    await Promise.all([refresh(context(fetch)), refresh(context(fetch)), revocation(idp)(context(fetch))]);
    await refreshTokenGrant(idp)(context(fetch));
    expect(to(metadataUrl)).toHaveLength(1);
  });

  it('inserts the well-known path before the path of the issuer, without its last slash', async () => {
    const slashed = `${issuer}/`;
    const { refresh, requests } = refreshing({ [metadataUrl]: () => metadata({ issuer: slashed }) }, slashed);
    await refresh();
    expect(requests.map(({ url }) => url)).toEqual([metadataUrl, tokenUrl]);
  });

  it('falls back to the OpenID path, appended, with the same check', async () => {
    const { refresh, requests } = refreshing({
      [metadataUrl]: () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      [openidUrl]: () => metadata(),
    });
    expect(await refresh()).toMatchObject({ access_token: 'at-1' });
    expect(requests.map(({ url }) => url)).toEqual([metadataUrl, openidUrl, tokenUrl]);

    const wrong = refreshing({
      [metadataUrl]: () => new Response(null, { status: 404 }),
      [openidUrl]: () => metadata({ issuer: 'https://evil.test' }),
    });
    expect(await rejection(wrong.refresh())).toMatchObject({ code: 'refresh-misconfigured' });
    expect(wrong.to(tokenUrl)).toEqual([]);
  });

  it('is asked without credentials, cookies, redirects or an Authorization header', async () => {
    const { refresh, to } = refreshing({});
    await refresh();
    const [{ method, headers, init }] = to(metadataUrl) as [ReturnType<typeof to>[0]];
    expect([method, init.body, init.credentials, init.redirect]).toEqual([
      'GET',
      undefined,
      'omit',
      'manual',
    ]);
    expect([...headers]).toEqual([['accept', 'application/json']]);
  });

  it.each(['https://id.example.com', 'https://id.example.com/'])(
    'takes a URL object for either spelling of an empty path: %s',
    async (named) => {
      const { refresh } = refreshing(
        {
          'https://id.example.com/.well-known/oauth-authorization-server': () => metadata({ issuer: named }),
        },
        new URL('https://id.example.com'),
      );
      expect(await refresh()).toMatchObject({ access_token: 'at-1' });
    },
  );

  it('asks a loopback issuer over http', async () => {
    const local = 'http://127.0.0.1:8080';
    const { refresh } = refreshing(
      {
        [`${local}/.well-known/oauth-authorization-server`]: () =>
          json({ issuer: local, token_endpoint: `${local}/token` }),
        [`${local}/token`]: () => json({ access_token: 'at-local', token_type: 'Bearer' }),
      },
      local,
    );
    expect(await refresh()).toMatchObject({ access_token: 'at-local' });
  });
});

describe('oauthProvider: discovery for a request that has ended', () => {
  raceClock();
  const request = endingRequests();

  it('is begun again by one of those who wait', async () => {
    const documents: (() => void)[] = [];
    const { refresh, to } = refreshing({
      [metadataUrl]: () =>
        new Promise<Response>((resolve) => {
          documents.push(() => resolve(metadata()));
        }),
    });
    const first = request();
    watch(first.run(refresh));
    await flush();
    first.end();
    const waiting = [request(), request()].map((one) => watch(one.run(refresh)));
    await pass(1_600);
    expect(documents).toHaveLength(2);
    documents[1]?.();
    await pass(100);
    expect(waiting.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(to(metadataUrl)).toHaveLength(2);
  });
});
