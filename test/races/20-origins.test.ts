import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import type { AuthFetchOptions } from '../../src/fetch/options.js';
import { bearer } from '../../src/schemes/bearer.js';
import { defineScheme } from '../../src/schemes/scheme.js';

const baseUrl = 'https://api.example.com/v1/';
const secret = 'the-secret-token';

afterEach(() => {
  vi.unstubAllGlobals();
});

const { URL: StandardURL } = globalThis;

/** What a fetch below saw of every sending: where it would really go, and whether anything carries the secret. */
function spy(options: Partial<AuthFetchOptions> = {}) {
  const sent: { origin: string; carries: boolean }[] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = typeof input === 'object' && 'headers' in input ? input : undefined;
    const url = request?.url ?? String(input);
    const headers = new Headers(init?.headers ?? request?.headers);
    const { origin } = new StandardURL(url, 'https://page.example/');
    sent.push({ origin, carries: [url, ...headers.values()].some((text) => text.includes(secret)) });
    return new Response('ok');
  };
  return { sent, authFetch: createAuthFetch({ baseUrl, auth: bearer(secret), fetch, ...options }) };
}

const everywhere = defineScheme({
  name: 'everywhere',
  credentials: () => ({ headers: { 'X-API-Key': secret }, query: { key: secret } }),
});

const inside = [
  'https://api.example.com',
  'https://api.example.com/',
  'https://api.example.com?q=1',
  'https://api.example.com#part',
  'https://api.example.com/v1/users',
  'https://api.example.com:443/a',
  'HTTPS://API.EXAMPLE.COM/a',
  ' https://api.example.com/a ',
  'https:\\\\api.example.com\\a',
  'ht\ntps://api.exa\tmple.com/a',
  'users/me',
  '/users/me',
  '?page=2',
  '../v2/users',
];

const outside = [
  'https://evil.example/',
  'https://api.example.com.evil.example/',
  'https://api.example.comevil.example/',
  'https://api.example.com@evil.example/',
  'https://api.example.com:443@evil.example/',
  'https://api.example.com%2f@evil.example/',
  'https://evil.example/https://api.example.com/',
  'https://evil.example\\@api.example.com/',
  'https://evil.example#@api.example.com/',
  'https://evil.example?https://api.example.com/',
  'https://api.example.com:8443/',
  'https://api.example.com:80/',
  'https://www.api.example.com/',
  'https://example.com/',
  'https://аpi.example.com/',
  'https://api.example.com./',
  'http://api.example.com/',
  '//evil.example/a',
  '/\\evil.example/a',
  '\\\\evil.example/a',
  '/\t/evil.example/a',
  '\n//evil.example/a',
  '/\n/evil.example',
];

describe('createAuthFetch: credentials go only to the configured origins', () => {
  it.each(inside)('to %j', async (url) => {
    const { sent, authFetch } = spy();
    await authFetch(url);
    expect(sent).toMatchObject([{ origin: 'https://api.example.com', carries: true }]);
  });

  it.each(outside)('not to %j', async (url) => {
    for (const auth of [bearer(secret), everywhere]) {
      const { sent, authFetch } = spy({ auth });
      await authFetch(url);
      expect(sent).toMatchObject([{ carries: false }]);
      expect(sent[0]?.origin).not.toBe('https://api.example.com');
    }
  });

  it.each(outside.filter((url) => /^https?:/.test(url)))('as URL or Request neither: %j', async (url) => {
    for (const make of [() => new URL(url), () => new Request(url)]) {
      let input: URL | Request;
      try {
        input = make();
      } catch {
        continue;
      }
      const { sent, authFetch } = spy();
      await authFetch(input);
      expect(sent).toMatchObject([{ carries: false }]);
    }
  });

  it('resolves what is relative against baseUrl and never against the document', async () => {
    vi.stubGlobal('document', { baseURI: 'https://evil.example/' });
    vi.stubGlobal('location', { origin: 'https://page.example', href: 'https://page.example/x' });
    const { sent, authFetch } = spy();
    await authFetch('users');
    expect(sent).toEqual([{ origin: 'https://api.example.com', carries: true }]);
    const page = spy({ baseUrl: undefined });
    await page.authFetch('users');
    expect(page.sent).toMatchObject([{ origin: 'https://page.example', carries: true }]);
  });

  it.each([
    ['mode: no-cors', { mode: 'no-cors' }],
    ['auth: false', { auth: false }],
  ] as const)('not with %s', async (_, init) => {
    const { sent, authFetch } = spy();
    await authFetch(baseUrl, init);
    expect(sent).toMatchObject([{ carries: false }]);
  });

  it('leaves alone what carries an Authorization of the caller’s', async () => {
    for (const headers of [
      { authorization: 'x' },
      [['AUTHORIZATION', 'x']],
      new Headers({ authorization: 'x' }),
    ]) {
      const { sent, authFetch } = spy({ auth: everywhere });
      await authFetch(baseUrl, { headers: headers as HeadersInit });
      expect(sent).toMatchObject([{ carries: false }]);
    }
  });

  it('trusts text alone where the platform’s URL is not the standard’s', async () => {
    const { sent, authFetch } = spy();
    vi.stubGlobal(
      'URL',
      class {
        protocol = 'https:';
        username = '';
        password = '';
        origin = 'https://api.example.com';
        href: string;
        constructor(url: string) {
          this.href = url;
        }
      },
    );
    const seen: boolean[] = [];
    for (const url of outside) {
      await authFetch(url);
      seen.push(...sent.splice(0).map(({ carries }) => carries));
    }
    await authFetch('https://api.example.com/a');
    vi.unstubAllGlobals();
    expect(seen).toHaveLength(outside.length);
    expect(seen).not.toContain(true);
    expect(sent).toMatchObject([{ carries: true }]);
  });
});

describe('createAuthFetch: over https or to loopback', () => {
  it.each([
    'https://api.example.com',
    'http://localhost:3000',
    'http://127.0.0.1:8080',
    'http://[::1]:1',
    'http://app.localhost',
  ])('takes %s', async (origin) => {
    const { sent, authFetch } = spy({ baseUrl: `${origin}/` });
    await authFetch('/a');
    expect(sent).toMatchObject([{ carries: true }]);
  });

  it.each([
    'http://api.example.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://128.0.0.1',
    'http://10.0.0.1',
    'http://0.0.0.0',
    'http://notlocalhost',
  ])('refuses %s at creation, and takes it from allowInsecure', async (origin) => {
    const options = { auth: bearer(secret), fetch: async () => new Response() };
    expect(() => createAuthFetch({ ...options, baseUrl: `${origin}/` })).toThrow(/baseUrl.*allowInsecure/);
    expect(() => createAuthFetch({ ...options, baseUrl, origins: [baseUrl, origin] })).toThrow(/origins/);
    const { sent, authFetch } = spy({ baseUrl: `${origin}/`, allowInsecure: [origin] });
    await authFetch('/a');
    expect(sent).toMatchObject([{ carries: true }]);
  });

  it('sends nothing in the clear to the host that it knows by https', async () => {
    const { sent, authFetch } = spy({ allowInsecure: ['http://api.example.com'] });
    await authFetch('http://api.example.com/');
    expect(sent).toMatchObject([{ carries: false }]);
  });

  it.each([
    ['no origin', {}],
    ['an empty list', { origins: [] }],
    ['a relative baseUrl', { baseUrl: '/api/' }],
    ['no URL', { origins: 'api.example.com' }],
    ['another scheme', { origins: 'ftp://api.example.com' }],
    ['a user in it', { baseUrl: 'https://user:pass@api.example.com/' }],
  ])('is a TypeError at creation with %s', (_, options) => {
    expect(() => createAuthFetch({ auth: bearer(secret), ...options })).toThrow(TypeError);
  });
});
