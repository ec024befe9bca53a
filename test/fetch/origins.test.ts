import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import type { AuthFetchOptions } from '../../src/fetch/options.js';
import { bearer } from '../../src/schemes/bearer.js';
import { ORIGIN } from './support.js';

afterEach(() => vi.unstubAllGlobals());

/** What is sent, where to, and whether with the token. */
function watched(options: Partial<AuthFetchOptions>) {
  const sent: [unknown, boolean][] = [];
  const fetch = async (input: unknown, init?: RequestInit) => {
    sent.push([input, new Headers(init?.headers).has('authorization')]);
    return new Response();
  };
  return { sent, authFetch: createAuthFetch({ auth: bearer('pat'), fetch: fetch as never, ...options }) };
}

/** As React Native's: no parsing to speak of. */
class ToyUrl {
  readonly href: string;
  readonly origin = 'https://api.example.com';
  constructor(url: string, base?: string) {
    this.href = base === undefined ? url : `${base}${url}`;
  }
  toString(): string {
    return this.href;
  }
}

describe('the option `origins`', () => {
  it.each([
    ['no origin at all', {}, /`origins`.*`baseUrl`/],
    ['an empty list', { origins: [] }, /`origins`/],
    ['what is no URL', { origins: 'api.example.com' }, /`origins`/],
    ['a URL with a user', { origins: 'https://u@a.example' }, /`origins`/],
    ['another scheme', { origins: 'wss://a.example' }, /`origins`/],
    ['http off loopback', { origins: 'http://a.example' }, /`origins`.*`allowInsecure`/],
    ['http off loopback as base', { baseUrl: 'http://a.example' }, /`baseUrl`.*`allowInsecure`/],
    ['a relative base outside a page', { baseUrl: '/api' }, /`baseUrl`/],
    ['an exception that is no URL', { origins: ORIGIN, allowInsecure: ['a'] }, /`allowInsecure`/],
    ['no auth', { origins: ORIGIN, auth: undefined }, /`auth`/],
    ['an empty list of schemes', { origins: ORIGIN, auth: [] }, /`auth`/],
    ['a scheme that is none', { origins: ORIGIN, auth: {} }, /`auth`/],
    ['a negative maxReplayBytes', { origins: ORIGIN, maxReplayBytes: -1 }, /`maxReplayBytes`/],
    ['another onOneShot', { origins: ORIGIN, onOneShot: 'x' }, /`onOneShot`/],
    ['a fetch that is none', { origins: ORIGIN, fetch: 1 }, /`fetch`/],
    ['a listener that is none', { origins: ORIGIN, observe: 1 }, /`observe`/],
    ['an isUnauthorized that is none', { origins: ORIGIN, isUnauthorized: 1 }, /`isUnauthorized`/],
  ])('is refused with its name: %s', (_name, options, message) => {
    const make = () => createAuthFetch({ auth: bearer('pat'), ...(options as object) });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  it('takes text, a URL and lists, of which each stands for its origin', async () => {
    for (const origins of [
      `${ORIGIN}/v1/`,
      new URL(`${ORIGIN}/v1/`),
      [ORIGIN, 'https://b.example'],
      [new URL(ORIGIN)],
    ]) {
      const { authFetch, sent } = watched({ origins });
      await authFetch(`${ORIGIN}/x`);
      expect(sent).toEqual([[`${ORIGIN}/x`, true]]);
    }
  });

  it('takes http to loopback, and what allowInsecure lists exactly', async () => {
    const { authFetch, sent } = watched({
      origins: ['http://localhost:1', 'http://192.168.0.7:8080'],
      allowInsecure: ['http://192.168.0.7:8080'],
    });
    await authFetch('http://localhost:1/');
    await authFetch('http://192.168.0.7:8080/');
    expect(sent.map(([, authorized]) => authorized)).toEqual([true, true]);
    expect(() =>
      watched({ origins: 'http://192.168.0.7', allowInsecure: ['http://192.168.0.7:8080'] }),
    ).toThrow(TypeError);
  });

  it('is the page’s own where neither it nor a base is given', async () => {
    vi.stubGlobal('location', { origin: 'https://page.example' });
    const { authFetch, sent } = watched({});
    await authFetch('/x');
    await authFetch('https://other.example/');
    expect(sent).toEqual([
      ['https://page.example/x', true],
      ['https://other.example/', false],
    ]);
  });
});

describe('inputs', () => {
  const cases: [string, string, boolean][] = [
    ['users/1', `${ORIGIN}/v1/users/1`, true],
    ['/users', `${ORIGIN}/users`, true],
    ['?q', `${ORIGIN}/v1/?q`, true],
    ['', `${ORIGIN}/v1/`, true],
    ['//evil.test/x', 'https://evil.test/x', false],
    ['/\\evil.test/x', 'https://evil.test/x', false],
    ['/\t/evil.test/x', 'https://evil.test/x', false],
    ['\\\\evil.test', 'https://evil.test/', false],
    ['//api.example.com/x', `${ORIGIN}/x`, true],
    ['HTTPS://API.EXAMPLE.COM:443/x', `${ORIGIN}/x`, true],
    [' https://api.example.com/x', `${ORIGIN}/x`, true],
    ['ht\ntps://api.example.com/x', `${ORIGIN}/x`, true],
    ['https://api.example.com\\@evil.test/x', `${ORIGIN}/@evil.test/x`, true],
    ['https://api.example.com:8443/x', 'https://api.example.com:8443/x', false],
    ['blob:https://api.example.com/1', 'blob:https://api.example.com/1', false],
    ['data:,https://api.example.com/', 'data:,https://api.example.com/', false],
  ];

  it.each(cases)('%j goes to %s, with credentials: %s', async (input, url, inside) => {
    const { authFetch, sent } = watched({ baseUrl: `${ORIGIN}/v1/` });
    await authFetch(input);
    expect(sent).toEqual([[url, inside]]);
  });

  it('are resolved without credentials too, and never against the document', async () => {
    vi.stubGlobal('location', { origin: 'https://page.example' });
    vi.stubGlobal('document', { baseURI: 'https://evil.test/' });
    const { authFetch, sent } = watched({});
    await authFetch('login', { auth: false });
    expect(sent).toEqual([['https://page.example/login', false]]);
  });

  it('resolve against a base that is relative to the page', async () => {
    vi.stubGlobal('location', { origin: 'https://page.example' });
    const { authFetch, sent } = watched({ baseUrl: '/api/' });
    await authFetch('users');
    expect(sent).toEqual([['https://page.example/api/users', true]]);
  });

  it('that are relative without a base go to fetch as they are', async () => {
    const { authFetch, sent } = watched({ origins: ORIGIN });
    await authFetch('/users');
    expect(sent).toEqual([['/users', false]]);
  });
});

describe('inputs where URL is not the standard’s (React Native)', () => {
  it.each([
    [`${ORIGIN}/x`, `${ORIGIN}/x`, true],
    ['users', `${ORIGIN}/v1/users`, true],
    ['/users', `${ORIGIN}/users`, true],
    ['?q', `${ORIGIN}/v1/list?q`, true],
    ['//evil.test/x', '//evil.test/x', false],
    ['/\\evil.test/x', '/\\evil.test/x', false],
    ['/\t/evil.test/x', '/\t/evil.test/x', false],
    ['https://api.example.com@evil.test/', 'https://api.example.com@evil.test/', false],
    ['https://api.example.com.evil.test/', 'https://api.example.com.evil.test/', false],
    ['https://evil.test\\@api.example.com/', 'https://evil.test\\@api.example.com/', false],
  ])('%j goes to %s, with credentials: %s', async (input, url, inside) => {
    vi.stubGlobal('URL', ToyUrl);
    const { authFetch, sent } = watched({ baseUrl: 'https://API.Example.com:443/v1/list' });
    await authFetch(input);
    expect(sent).toEqual([[url, inside]]);
  });
});
