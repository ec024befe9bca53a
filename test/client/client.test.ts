import ky, { isHTTPError, isTimeoutError } from 'ky';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import type { AuthClientOptions } from '../../src/client/options.js';
import { createAuthClient } from '../../src/client.js';
import { RefreshUnavailableError } from '../../src/errors.js';
import { defineScheme } from '../../src/schemes/scheme.js';
import { onlyFresh, stub, tokens } from './support.js';

const baseUrl = 'https://api.example.com/v1/';

describe('createAuthClient', () => {
  afterEach(() => void vi.useRealTimers());

  it.each<[string, object]>([
    ['nothing', {}],
    ['a relative baseUrl', { baseUrl: '/api/' }],
    ['a relative prefix', { prefix: 'api' }],
    ['a baseUrl of another scheme', { baseUrl: 'ftp://api.example.com/' }],
  ])('throws a TypeError that names the options where it is given %s', (_name, options) => {
    expect(() => createAuthClient({ auth: tokens(), ...options })).toThrow(
      new TypeError('createAuthClient: an absolute `baseUrl` or `prefix` is needed, or `origins`'),
    );
  });
  it('throws a TypeError that names the option for http off loopback, unless it is allowed', () => {
    const [http, https] = ['http://camera.example', 'https://camera.example'];
    for (const [option, given] of [
      ['baseUrl', { baseUrl: `${http}/` }],
      ['prefix', { prefix: http }],
      ['origins', { origins: http, baseUrl: https }],
    ] as const)
      expect(() => createAuthClient({ auth: tokens(), ...given })).toThrow(
        new TypeError(`\`${option}\`: ${http} must be https, loopback, or in \`allowInsecure\``),
      );
    const api = createAuthClient({
      auth: tokens(),
      baseUrl: 'http://camera.example/',
      allowInsecure: ['http://camera.example'],
    });
    expect(api.fetch).toBeTypeOf('function');
  });
  it('throws a TypeError for options that are none', () => {
    expect(() => createAuthClient(undefined as unknown as AuthClientOptions)).toThrow(TypeError);
  });

  it.each<[string, Partial<AuthClientOptions>]>([
    ['baseUrl', { baseUrl }],
    ['baseUrl as a URL', { baseUrl: new URL(baseUrl) }],
    ['prefix', { prefix: 'https://api.example.com/v1' }],
  ])('sends credentials to the origin of %s and replays what is refused', async (_name, options) => {
    const { fetch, sent, calls } = stub();
    const api = createAuthClient({ ...options, auth: tokens('fresh'), fetch });
    expect(await api.get('users/me').json()).toEqual({ id: 'u1' });
    expect(sent()).toEqual(['Bearer stale', 'Bearer fresh']);
    expect(calls[0]?.url).toBe('https://api.example.com/v1/users/me');
  });
  it('sends no credentials to another origin, whatever the call says', async () => {
    const { fetch, sent } = stub(() => Response.json({}));
    const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch });
    await api.get('https://other.example/');
    await api.get('me', { baseUrl: 'https://other.example/' });
    await api.get('me', { baseUrl: undefined, prefix: 'https://api.example.com.other.example/' } as object);
    expect(sent()).toEqual([null, null, null]);
  });
  it('has every method of ky, itself a function', async () => {
    const { fetch, calls } = stub();
    const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch });
    await api('x');
    for (const method of ['get', 'post', 'put', 'patch', 'head', 'delete', 'query'] as const)
      await api[method]('x');
    expect(calls.slice(1).map((call) => call.method)).toEqual([
      'GET',
      'GET',
      'POST',
      'PUT',
      'PATCH',
      'HEAD',
      'DELETE',
      'QUERY',
    ]);
    expect(api.stop).toBe(ky.stop);
    expect(api.retry).toBe(ky.retry);
  });
  it('takes all options of ky', async () => {
    const { fetch, calls } = stub();
    const seen: string[] = [];
    const api = createAuthClient({
      baseUrl,
      auth: tokens('fresh'),
      fetch,
      headers: { 'X-App': 'a' },
      searchParams: { page: 1 },
      hooks: { beforeRequest: [({ request }) => void seen.push(request.url)] },
    });
    await api.get('x', { headers: { 'X-Call': 'c' }, searchParams: { q: 'z' } });
    expect(seen).toEqual(['https://api.example.com/v1/x?page=1&q=z']);
    for (const call of calls) {
      expect([call.headers.get('x-app'), call.headers.get('x-call'), call.url]).toEqual(['a', 'c', seen[0]]);
    }
  });
  it('validates with any Standard Schema', async () => {
    const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch: stub().fetch });
    const user = await api.get('me').json(z.object({ id: z.string() }));
    expect(user.id).toBe('u1');
    await expect(api.get('me').json(z.object({ id: z.number() }))).rejects.toThrow();
  });

  describe('context: { auth: false }', () => {
    it('sends a call without credentials, and answers nothing', async () => {
      const { fetch, sent } = stub();
      const auth = tokens('fresh');
      const api = createAuthClient({ baseUrl, auth, fetch, throwHttpErrors: false });
      expect((await api.post('login', { context: { auth: false } })).status).toBe(401);
      expect(sent()).toEqual([null]);
      expect(auth.replacements()).toBe(0);
    });
    it('is inherited, and taken back by a call', async () => {
      const { fetch, sent } = stub();
      const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch, throwHttpErrors: false });
      const anonymous = api.extend({ context: { auth: false } });
      await anonymous.get('x');
      await anonymous.get('x', { context: { auth: true } });
      await anonymous.extend({ context: { auth: true } }).get('x');
      expect(sent()).toEqual([null, 'Bearer stale', 'Bearer fresh', 'Bearer fresh']);
    });
    it('may be said by an init hook, of the client or of the call', async () => {
      const { fetch, sent } = stub();
      const off = (options: { context?: Record<string, unknown> }) => {
        options.context = { auth: false };
      };
      const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch, throwHttpErrors: false });
      await api.get('x', { hooks: { init: [off] } });
      await api.extend({ hooks: { init: [off] } }).get('x');
      expect(sent()).toEqual([null, null]);
    });
  });

  describe('fetch', () => {
    it('of a call, or set by an init hook, goes below the corridor', async () => {
      const [first, second, third] = [stub(), stub(), stub()];
      const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch: first.fetch });
      await api.get('x', { fetch: second.fetch });
      await api.get('x', {
        hooks: {
          init: [
            (options) => {
              options.fetch = third.fetch;
            },
          ],
        },
      });
      expect(first.calls).toEqual([]);
      expect(second.sent()).toEqual(['Bearer stale', 'Bearer fresh']);
      expect(third.sent()).toEqual(['Bearer fresh']);
    });
    it('given as undefined leaves the corridor in its place', async () => {
      const { fetch, sent } = stub();
      const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch });
      await api.get('x', { fetch: undefined } as object);
      expect(sent()).toEqual(['Bearer stale', 'Bearer fresh']);
    });
    it('is looked up at each call where none is given', async () => {
      const api = createAuthClient({ baseUrl, auth: tokens('fresh') });
      const { fetch, sent } = stub();
      vi.stubGlobal('fetch', fetch);
      await api.get('x');
      vi.unstubAllGlobals();
      expect(sent()).toEqual(['Bearer stale', 'Bearer fresh']);
    });
    it('is, as a member, a drop-in fetch over the same credentials, without the options of ky', async () => {
      const { fetch, sent, calls } = stub();
      const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch, headers: { 'X-App': 'a' } });
      const response = await api.fetch('users/me', { method: 'POST', body: 'b' });
      expect(await response.json()).toEqual({ id: 'u1' });
      expect(calls[0]?.url).toBe('https://api.example.com/v1/users/me');
      expect(calls[0]?.headers.has('x-app')).toBe(false);
      expect((await api.fetch('users/me', { auth: false })).status).toBe(401);
      expect(sent()).toEqual(['Bearer stale', 'Bearer fresh', null]);
    });
    it('as a member resolves against a prefix as against a folder', async () => {
      const { fetch, calls } = stub();
      const api = createAuthClient({ prefix: 'https://api.example.com/v1', auth: tokens('fresh'), fetch });
      await api.fetch('users');
      expect(calls[0]?.url).toBe('https://api.example.com/v1/users');
    });
  });

  describe('retry', () => {
    it('of ky keeps its budget: a replay takes nothing from it', async () => {
      let failures = 2;
      const { fetch, sent } = stub((request) =>
        request.headers.get('authorization') === 'Bearer fresh' && failures-- > 0
          ? new Response('', { status: 503 })
          : onlyFresh(request),
      );
      const api = createAuthClient({
        baseUrl,
        auth: tokens('fresh'),
        fetch,
        retry: { limit: 2, delay: () => 0 },
      });
      expect(await api.get('x').json()).toEqual({ id: 'u1' });
      expect(sent()).toEqual(['Bearer stale', 'Bearer fresh', 'Bearer fresh', 'Bearer fresh']);
    });
    it('with 401 among its statuses stays bounded by its limit and by the bound of a call', async () => {
      const { fetch, calls } = stub(() => new Response('', { status: 401 }));
      const api = createAuthClient({
        baseUrl,
        auth: tokens('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'),
        fetch,
        retry: { limit: 2, statusCodes: [401], delay: () => 0 },
      });
      await expect(api.get('x')).rejects.toMatchObject({ code: 'unauthorized' });
      expect(calls.length).toBeLessThanOrEqual(3 * 5);
    });
    it('does not repeat what the corridor threw, and hands it on unchanged', async () => {
      const error = new RefreshUnavailableError('later', { retryAt: 5 });
      let asked = 0;
      const auth = defineScheme({
        name: 'x',
        credentials: () => {
          asked += 1;
          return Promise.reject(error);
        },
      });
      const { fetch, calls } = stub();
      const api = createAuthClient({ baseUrl, auth, fetch, retry: { limit: 3, delay: () => 0 } });
      await expect(api.get('x').json()).rejects.toBe(error);
      expect([asked, calls.length]).toEqual([1, 0]);
    });
    it('of a network failure sends the credentials of that moment', async () => {
      let broken = true;
      const { fetch, sent } = stub((request) => {
        if (!broken) return onlyFresh(request);
        broken = false;
        throw new TypeError('fetch failed');
      });
      const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch, retry: { delay: () => 0 } });
      await api.get('x');
      expect(sent()).toEqual(['Bearer stale', 'Bearer stale', 'Bearer fresh']);
    });
  });

  describe('a wait for new credentials', () => {
    const waiting = () =>
      defineScheme({
        name: 'slow',
        credentials: () => ({ headers: { Authorization: 'Bearer stale' }, version: 1 }),
        remedy: () => 'replace' as const,
        replace: () => new Promise<never>(() => {}),
      });
    it('ends at the timeout of ky', async () => {
      vi.useFakeTimers();
      const api = createAuthClient({ baseUrl, auth: waiting(), fetch: stub().fetch, timeout: 50, retry: 0 });
      const call = api.get('x').then(undefined, (error: unknown) => error);
      await vi.advanceTimersByTimeAsync(50);
      expect(isTimeoutError(await call)).toBe(true);
    });
    it("ends at once when the caller aborts, with the caller's reason", async () => {
      const abort = new AbortController();
      let wasRefused = () => {};
      const refused = new Promise<void>((resolve) => {
        wasRefused = resolve;
      });
      const { fetch } = stub((request) => {
        wasRefused();
        return onlyFresh(request);
      });
      const api = createAuthClient({ baseUrl, auth: waiting(), fetch, timeout: false });
      const call = api.get('x', { signal: abort.signal }).then(undefined, (error: unknown) => error);
      await refused;
      const reason = new Error('enough');
      abort.abort(reason);
      expect(await call).toBe(reason);
    });
  });

  it('hides its requests from nobody: create is that of ky, without credentials', async () => {
    const { fetch, sent } = stub();
    const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch });
    const error = await api
      .create({ fetch })
      .get('https://api.example.com/x')
      .then(undefined, (e: unknown) => e);
    expect(isHTTPError(error)).toBe(true);
    expect(sent()).toEqual([null]);
  });
});
