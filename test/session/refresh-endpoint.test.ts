import { describe, expect, it, vi } from 'vitest';
import { RefreshMisconfiguredError, TokenResponseError } from '../../src/errors.js';
import type { TokenSet } from '../../src/protocol/token-set.js';
import type { GrantContext } from '../../src/session/grant.js';
import { type RefreshEndpointOptions, refreshEndpoint } from '../../src/session/refresh-endpoint.js';

const held = { accessToken: 'a', refreshToken: 'r' };
const ok = () => new Response('{"accessToken":"b"}');

/** What was sent, and what came back. */
function asked(answer: () => Response = ok) {
  const sent: { url: string; init: RequestInit & { headers: Record<string, string> } }[] = [];
  const context: GrantContext = {
    signal: new AbortController().signal,
    fetch: async (url, init) => {
      sent.push({ url: String(url), init: init as (typeof sent)[0]['init'] });
      return answer();
    },
  };
  return { sent, context };
}
async function initFor(options?: RefreshEndpointOptions, from: { held?: TokenSet } = { held }) {
  const { sent, context } = asked();
  await refreshEndpoint('/auth/refresh', options)({ ...context, ...from });
  return sent[0]?.init as (typeof sent)[0]['init'];
}

describe('refreshEndpoint', () => {
  it.each([
    ['url', () => refreshEndpoint('')],
    ['url', () => refreshEndpoint(undefined as never)],
    ['method', () => refreshEndpoint('/', { method: '' })],
    ['method', () => refreshEndpoint('/', { method: 5 as never })],
    ['headers', () => refreshEndpoint('/', { headers: {} as never })],
    ['body', () => refreshEndpoint('/', { body: {} as never })],
    ['tokens', () => refreshEndpoint('/', { tokens: 'data' as never })],
    ['over', () => refreshEndpoint('/', { over: 401 as never })],
    ['over', () => refreshEndpoint('/', { over: ['401'] as never })],
  ])('throws a TypeError that names %s', (name, make) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(new RegExp(`^${name}: `));
  });

  it('passes a failure of fetch on', async () => {
    const { context } = asked();
    const failing = { ...context, fetch: () => Promise.reject(new TypeError('fetch failed')) };
    await expect(refreshEndpoint('/r')(failing)).rejects.toThrow('fetch failed');
  });

  describe('sends', () => {
    it('the refresh token as JSON, to the URL as given, with the signal', async () => {
      const { sent, context } = asked();
      await refreshEndpoint('/auth/refresh')({ ...context, held });
      expect(sent).toEqual([
        {
          url: '/auth/refresh',
          init: {
            method: 'POST',
            headers: { accept: 'application/json', 'content-type': 'application/json' },
            body: '{"refreshToken":"r"}',
            redirect: 'manual',
            signal: context.signal,
          },
        },
      ]);
      await refreshEndpoint(new URL('https://api.example.com/r'))(context);
      expect(sent[1]?.url).toBe('https://api.example.com/r');
    });

    it('no body where no refresh token is held', async () => {
      for (const from of [{}, { held: { accessToken: 'a' } }]) {
        const init = await initFor({}, from);
        expect('body' in init).toBe(false);
        expect(init.headers).toEqual({ accept: 'application/json' });
      }
    });

    it('nothing by way of a redirect', async () => {
      expect((await initFor()).redirect).toBe('manual');
    });

    it('the given method and credentials, and none by default', async () => {
      expect(await initFor({ method: 'PUT', credentials: 'include' })).toMatchObject({
        method: 'PUT',
        credentials: 'include',
      });
      expect('credentials' in (await initFor())).toBe(false);
    });

    it('the given body as JSON', async () => {
      expect((await initFor({ body: (tokens) => ({ token: tokens?.refreshToken }) })).body).toBe(
        '{"token":"r"}',
      );
      expect('body' in (await initFor({ body: () => undefined }))).toBe(false);
    });

    it('URLSearchParams as a form, as text', async () => {
      const init = await initFor({ body: () => new URLSearchParams({ token: 'a b&c' }) });
      expect(init.body).toBe('token=a+b%26c');
      expect(init.headers['content-type']).toBe('application/x-www-form-urlencoded;charset=UTF-8');
    });

    it('URLSearchParams as a form where they have no tag (React Native)', async () => {
      class Untagged {
        toString() {
          return 'token=a+b';
        }
      }
      vi.stubGlobal('URLSearchParams', Untagged);
      const init = await initFor({ body: () => new Untagged() });
      vi.unstubAllGlobals();
      expect([init.body, init.headers['content-type']]).toEqual([
        'token=a+b',
        'application/x-www-form-urlencoded;charset=UTF-8',
      ]);
    });

    it('the headers read anew for every request, over its own, whatever their case', async () => {
      let csrf = 0;
      const { sent, context } = asked();
      const grant = refreshEndpoint('/r', {
        headers: () => ({ 'X-CSRF': String(++csrf), Accept: 'text/json', 'Content-Type': 'text/plain' }),
      });
      await grant({ ...context, held });
      await grant({ ...context, held });
      expect(sent.map(({ init }) => init.headers)).toEqual([
        { accept: 'text/json', 'content-type': 'text/plain', 'x-csrf': '1' },
        { accept: 'text/json', 'content-type': 'text/plain', 'x-csrf': '2' },
      ]);
    });
  });

  describe('returns', () => {
    const returned = async (answer: () => Response, options?: RefreshEndpointOptions) =>
      refreshEndpoint('/r', options)({ ...asked(answer).context, held });

    it('any answer as it is, unread, for the session to classify', async () => {
      for (const status of [200, 204, 400, 401, 403, 404, 429, 503]) {
        const response = new Response(status === 204 ? null : 'x', { status });
        expect(await returned(() => response)).toBe(response);
        expect(response.bodyUsed).toBe(false);
      }
    });

    it('null for the statuses that end the session, and frees their connection', async () => {
      const cancel = vi.fn();
      const stream = new ReadableStream({ cancel });
      expect(await returned(() => new Response(stream, { status: 419 }), { over: [401, 419] })).toBeNull();
      expect(cancel).toHaveBeenCalledOnce();
      expect(await returned(() => new Response('x', { status: 500 }), { over: [500] })).toBeNull();
    });

    it('nothing that ends the session for other statuses, where `over` is given', async () => {
      for (const status of [400, 401, 403, 404]) {
        const answer = () => new Response('{"error":"invalid_grant"}', { status });
        await expect(returned(answer, { over: [419] })).rejects.toThrow(RefreshMisconfiguredError);
      }
      for (const status of [408, 429, 503]) {
        const response = new Response('x', { status });
        expect(await returned(() => response, { over: [419] })).toBe(response);
      }
    });

    it('the tokens that the mapper finds', async () => {
      const answer = () => new Response('{"data":{"jwt":"b","rt":"s"}}', { status: 201 });
      const tokens = (json: { data: { jwt: string; rt: string } }) => ({
        accessToken: json.data.jwt,
        refreshToken: json.data.rt,
      });
      expect(await returned(answer, { tokens })).toEqual({ accessToken: 'b', refreshToken: 's' });
    });

    it('errors unmapped', async () => {
      const tokens = vi.fn();
      const response = new Response('{}', { status: 401 });
      expect(await returned(() => response, { tokens })).toBe(response);
      expect(tokens).not.toHaveBeenCalled();
    });

    it.each([
      ['a mapper that throws', '{"x":"secret"}', (json: { x: string }) => JSON.parse(json.x)],
      ['a mapper that rejects', '{}', async () => Promise.reject(new Error('secret'))],
      ['a mapper that finds null: that is no end', '{}', () => null],
      ['a mapper that finds nothing', '{}', () => undefined],
      ['an answer that is no JSON', '<html>secret', () => ({ accessToken: 'never' })],
      ['an empty answer', '', () => ({ accessToken: 'never' })],
      ['an answer beyond 64 KiB', `"${'x'.repeat(70_000)}"`, () => ({ accessToken: 'never' })],
    ])('a TokenResponseError without values for %s', async (_, body, tokens) => {
      const thrown = await returned(() => new Response(body), { tokens: tokens as never }).then(
        () => undefined,
        (error: Error) => error,
      );
      expect(thrown).toBeInstanceOf(TokenResponseError);
      expect(`${thrown?.stack} ${thrown?.cause}`).not.toContain('secret');
    });
  });
});
