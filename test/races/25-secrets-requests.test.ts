import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthClient } from '../../src/client.js';
import type { AuthEvent } from '../../src/events.js';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { explain } from '../../src/fetch/explain/explain.js';
import type { AuthFetchOptions } from '../../src/fetch/options.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { apiKey } from '../../src/schemes/api-key.js';
import type { Auth } from '../../src/schemes/auth.js';
import { basic } from '../../src/schemes/basic.js';
import { bearer } from '../../src/schemes/bearer.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { createSession } from '../../src/session/session.js';
import { LoudError, leaks, secretTokens } from '../support/races-secrets.js';
import { web } from '../support/races-web.js';

const here = 'https://api.example.com/';
const basicText = btoa('anna:s3cr3t-password');
const logged: unknown[] = [];
const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;

beforeEach(() => {
  logged.length = 0;
  for (const method of methods) vi.spyOn(console, method).mockImplementation((...args) => logged.push(args));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(logged).toEqual([]);
});

const session = () =>
  createSession({ store: memoryStore(secretTokens()), refresh: async () => secretTokens(2) });
const cookies = () =>
  createCookieSession({
    refresh: async () => new Response(null, { status: 204 }),
    csrf: { header: 'X-CSRF', token: () => 's3cr3t-csrf' },
  });

const auths: [string, () => Auth][] = [
  ['a session', session],
  ['a cookie session', cookies],
  ['a token', () => bearer('s3cr3t-at-1')],
  ['a getter', () => bearer(({ refused }) => (refused ? 's3cr3t-at-2' : 's3cr3t-at-1'))],
  ['an API key in a header', () => apiKey({ header: 'X-API-Key', value: 's3cr3t-key' })],
  ['an API key in the query', () => apiKey({ query: 'key', value: () => 's3cr3t-key' })],
  ['a password', () => basic({ username: 'anna', password: 's3cr3t-password' })],
  ['several', () => [session(), apiKey({ header: 'X-API-Key', value: 's3cr3t-key' })]],
];

/** Refuses, and repeats in its challenges whatever it was sent. */
const echo = () =>
  web(({ url, headers }) => {
    const authorization = headers.get('authorization') ?? '';
    const texts = [
      authorization,
      headers.get('x-api-key'),
      headers.get('x-csrf'),
      new URL(url).searchParams.get('key'),
    ];
    const said = texts.map((text) => text ?? '').join(' ');
    const challenge = `Bearer realm="${said}", error="invalid_token", error_description="bad ${said}", ${
      authorization.split(' ')[1] ?? 'x'
    }=1, Other ${authorization.split(' ')[1] ?? 'x'}`;
    return new Response('why', { status: 401, headers: { 'www-authenticate': challenge } });
  });

function start(auth: Auth, options: Partial<AuthFetchOptions> = {}) {
  const events: AuthEvent[] = [];
  const { fetch, sendings } = echo();
  const authFetch = createAuthFetch({
    baseUrl: here,
    auth,
    fetch,
    observe: (e) => events.push(e),
    ...options,
  });
  return { authFetch, events, sendings };
}

describe.each(auths)('createAuthFetch over %s: no secret is told', (_, make) => {
  it('by events and outcomes, though the server repeats what it was sent', async () => {
    const { authFetch, events, sendings } = start(make());
    const response = await authFetch(`${here}a/b?token=s3cr3t-in-query#s3cr3t-fragment`);
    expect(events.map(({ type }) => type)).toContain('challenged');
    expect(events.map(({ type }) => type)).toContain('delivered');
    expect(leaks(events, outcomeOf(response))).toEqual([]);
    expect(leaks(explain(response))).toEqual([]);
    expect(JSON.stringify([events, outcomeOf(response), explain(response)])).not.toContain(basicText);
    for (const event of events) expect(event).toMatchObject({ url: `${here}a/b` });
    expect(sendings.length).toBeGreaterThanOrEqual(1);
  });

  it('by console.log of the auth fetch, the client, the scheme', async () => {
    const auth = make();
    const { authFetch } = start(auth);
    await authFetch('/a');
    const { fetch } = echo();
    const client = createAuthClient({ baseUrl: here, auth, fetch, retry: 0 });
    await client.get('a').catch(() => {});
    expect(leaks(authFetch, client, client.fetch, auth)).toEqual([]);
  });

  it('by the errors of the client', async () => {
    const { fetch } = echo();
    const client = createAuthClient({ baseUrl: here, auth: make(), fetch, retry: 0 });
    const error = await client.get('a').catch((e: Error) => e);
    expect(error).toMatchObject({ name: 'HTTPError', code: 'unauthorized' });
    const { response: _response, ...told } = error as unknown as Record<string, unknown>;
    expect(leaks({ ...told, message: (error as Error).message, stack: (error as Error).stack })).toEqual([]);
    expect(leaks(explain(error))).toEqual([]);
  });
});

describe('createAuthFetch: texts of a server', () => {
  it('are printable and at most 200 characters long', async () => {
    const events: AuthEvent[] = [];
    const long = 'x'.repeat(5_000);
    const { fetch } = web(
      () =>
        new Response('', {
          status: 401,
          headers: { 'www-authenticate': `Bearer realm="\u001b[31m\u00e9${long}", ${long}=1, Other ${long}` },
        }),
    );
    const authFetch = createAuthFetch({
      baseUrl: here,
      auth: session(),
      fetch,
      observe: (e) => events.push(e),
    });
    const { challenges } = outcomeOf(await authFetch('/a')) as NonNullable<ReturnType<typeof outcomeOf>>;
    const challenged = events.find((event) => event.type === 'challenged');
    for (const list of [challenges, challenged?.challenges ?? []]) {
      expect(list.length).toBeGreaterThanOrEqual(1);
      for (const { scheme, token68 = '', params } of list) {
        for (const text of [scheme, token68, ...Object.keys(params), ...Object.values(params)]) {
          expect(text.length).toBeLessThanOrEqual(200);
          expect(text).toMatch(/^[\x20-\x7e]*$/);
        }
      }
    }
  });
});

describe('createAuthFetch: a function that throws what it knows', () => {
  it.each([
    ['a token source', () => bearer(() => Promise.reject(new LoudError()))],
    ['a token source that throws at once', () => bearer(throwing)],
    ['an API key', () => apiKey({ header: 'X-API-Key', value: () => Promise.reject(new LoudError()) })],
  ])('is nobody’s event: %s', async (_, make) => {
    const { authFetch, events, sendings } = start(make());
    await expect(authFetch('/a')).rejects.toBeDefined();
    expect(sendings).toHaveLength(0);
    expect(leaks(events)).toEqual([]);
  });

  it('where a listener throws, nothing is told and nothing breaks', async () => {
    const { authFetch } = start(session(), { observe: throwing });
    expect((await authFetch('/a')).status).toBe(401);
  });
});

describe('misuse: a TypeError names the option and never the value', () => {
  it.each([
    ['bearer', () => bearer('s3cr3t\n')],
    ['bearer', () => bearer('')],
    ['bearer', () => bearer({ token: 's3cr3t' } as never)],
    ['apiKey', () => apiKey({ header: 'X-API-Key', value: 's3cr3t\r\nx: 1' })],
    ['apiKey', () => apiKey({ query: 'key', value: { key: 's3cr3t' } as never })],
    ['basic', () => basic({ username: 'a:b', password: 's3cr3t' })],
    ['basic', () => basic({ username: 'a', password: 's3cr3t\u0000' })],
    ['baseUrl', () => createAuthFetch({ baseUrl: 'https://anna:s3cr3t@api.example.com/', auth: session() })],
    ['origins', () => createAuthFetch({ origins: 'https://anna:s3cr3t@api.example.com/', auth: session() })],
    ['auth', () => createAuthFetch({ baseUrl: here, auth: 's3cr3t' as never })],
  ])('%s', (name, misuse) => {
    let error: unknown;
    try {
      misuse();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(name);
    expect(leaks(error)).toEqual([]);
  });
});

function throwing(): never {
  throw new LoudError();
}
