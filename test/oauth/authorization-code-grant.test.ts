import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../src/index.js';
import {
  type AuthorizationCodeGrantOptions,
  authorizationCodeGrant,
  type ProviderOptions,
} from '../../src/oauth/index.js';
import { deferred } from '../support/deferred.js';
import {
  authorizationServer,
  context,
  issuer,
  json,
  metadataUrl,
  rejection,
  tokens,
  tokenUrl,
} from './authorization-server.js';
import { able, asked, callback, clientId, redirectUri, withIdToken } from './flow.js';

afterEach(() => {
  vi.useRealTimers();
});

type Authorize = AuthorizationCodeGrantOptions['authorize'];

function granting(authorize: Authorize, of: { routes?: object; options?: object } = {}) {
  const server = authorizationServer({ [metadataUrl]: () => able(), ...of.routes });
  const provider = { issuer, clientId, ...of.options } as ProviderOptions;
  return { ...server, acquire: authorizationCodeGrant(provider, { redirectUri, authorize }) };
}

describe('authorizationCodeGrant', () => {
  it('takes no options without a redirectUri and an authorize function', () => {
    const make = authorizationCodeGrant as unknown as (...given: unknown[]) => unknown;
    const provider = { issuer, clientId };
    expect(() => make(provider)).toThrow(/^redirectUri /);
    expect(() => make(provider, { redirectUri })).toThrow(/^authorize must be a function/);
    expect(() => make(provider, { redirectUri: '/x', authorize() {} })).toThrow(/^redirectUri /);
  });

  it.each([undefined, null, '', 5, {}])(
    'says that nobody signed in where authorize gives %j',
    async (nothing) => {
      const { acquire, fetch, to } = granting(async () => nothing as undefined);
      expect(await rejection(acquire(context(fetch)))).toMatchObject({
        code: 'refresh-rejected',
        message: expect.stringContaining('Nobody signed in'),
      });
      expect(to(tokenUrl)).toEqual([]);
    },
  );

  it('passes on what authorize throws, at once or later', async () => {
    const bug = new Error('no browser');
    const now = granting(() => {
      throw bug;
    });
    expect(await rejection(now.acquire(context(now.fetch)))).toBe(bug);
    const later = granting(() => Promise.reject(bug));
    expect(await rejection(later.acquire(context(later.fetch)))).toBe(bug);
  });

  it.each<[string, Record<string, string>, string]>([
    ['another state', { state: 'forged' }, 'refresh-rejected'],
    ['another issuer', { iss: 'https://evil.test' }, 'refresh-rejected'],
    ['access_denied', { error: 'access_denied' }, 'refresh-rejected'],
    ['server_error', { error: 'server_error' }, 'refresh-unavailable'],
  ])('refuses a callback with %s, and redeems nothing', async (_, back, code) => {
    const { acquire, fetch, to } = granting(async ({ url }) => callback(url, back));
    expect(await rejection(acquire(context(fetch)))).toMatchObject({ code });
    expect(to(tokenUrl)).toEqual([]);
  });

  it('is unavailable where the server is busy before the user is asked, and asks nobody', async () => {
    const authorize = vi.fn<Authorize>(async () => '');
    const { acquire, fetch } = granting(authorize, {
      routes: { [metadataUrl]: new Response(null, { status: 503 }) },
    });
    expect(await rejection(acquire(context(fetch)))).toMatchObject({ code: 'refresh-unavailable' });
    expect(authorize).not.toHaveBeenCalled();
  });

  it('stops at once when its signal aborts, and tells authorize by it', async () => {
    const controller = new AbortController();
    const told: boolean[] = [];
    const begun = deferred<void>();
    const { acquire, fetch } = granting(({ signal }) => {
      signal.addEventListener('abort', () => told.push(signal.aborted));
      begun.resolve();
      return new Promise(() => {});
    });
    const error = rejection(acquire(context(fetch, controller.signal)));
    await begun.promise;
    const reason = new Error('enough');
    controller.abort(reason);
    expect([await error, told]).toEqual([reason, [true]]);
  });

  it('gives up a token request after 10 s', async () => {
    vi.useFakeTimers();
    const redeeming = deferred<void>();
    const { acquire, fetch } = granting(async ({ url }) => callback(url), {
      routes: {
        [tokenUrl]: () => {
          redeeming.resolve();
          return new Promise(() => {});
        },
      },
    });
    const error = rejection(acquire(context(fetch)));
    await redeeming.promise;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await error).toMatchObject({ code: 'refresh-unavailable' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('opens the request and redeems what comes back', async () => {
    const opened: string[] = [];
    const { acquire, fetch, to, requests } = granting(
      async ({ url }) => {
        opened.push(url);
        return new URL(callback(url));
      },
      { options: { scope: 'read' } },
    );
    expect(await acquire(context(fetch))).toEqual(tokens);
    expect(opened.map((url) => asked(url))).toMatchObject([
      { response_type: 'code', scope: 'read', redirect_uri: redirectUri, code_challenge_method: 'S256' },
    ]);
    expect(to(tokenUrl).map(({ form }) => Object.fromEntries(form))).toMatchObject([
      { grant_type: 'authorization_code', code: 'c0de', redirect_uri: redirectUri },
    ]);
    expect(requests).toHaveLength(2);
    expect(acquire.boundTo).toBe(`${issuer} spa`);
  });

  it('takes a redirect to an app’s own scheme', async () => {
    const own = 'com.example.app:/callback';
    const { fetch } = authorizationServer({ [metadataUrl]: () => able() });
    const acquire = authorizationCodeGrant(
      { issuer, clientId },
      { redirectUri: own, authorize: async ({ url }) => callback(url).replace(redirectUri, own) },
    );
    expect(await acquire(context(fetch))).toEqual(tokens);
  });

  it('checks the ID Token', async () => {
    const { acquire, fetch } = granting(async ({ url }) => callback(url), {
      options: { scope: 'openid' },
      routes: withIdToken(() => ({ nonce: 'another' })),
    });
    expect(await rejection(acquire(context(fetch)))).toMatchObject({ code: 'token-response' });
  });

  it('signs a session in whose user takes nine minutes, and asks once', async () => {
    vi.useFakeTimers();
    const begun = deferred<void>();
    const authorize = vi.fn<Authorize>(({ url }) => {
      begun.resolve();
      return new Promise((resolve) => setTimeout(() => resolve(callback(url)), 540_000));
    });
    const { acquire, fetch } = granting(authorize);
    const session = createSession({ acquire, fetch });
    const waiting = [session.signIn(), session.token()];
    await begun.promise;
    await vi.advanceTimersByTimeAsync(540_000);
    expect(await Promise.all(waiting)).toMatchObject([{ status: 'signed-in' }, { accessToken: 'at-1' }]);
    expect(authorize).toHaveBeenCalledTimes(1);
  });

  it('does not ask the user again because the token endpoint was busy', async () => {
    vi.useFakeTimers();
    const authorize = vi.fn<Authorize>(async ({ url }) => callback(url));
    const redeeming = deferred<void>();
    const { acquire, fetch } = granting(authorize, {
      routes: {
        [tokenUrl]: () => {
          redeeming.resolve();
          return json({}, 503);
        },
      },
    });
    const session = createSession({ acquire, fetch });
    const error = rejection(session.signIn());
    await redeeming.promise;
    await vi.advanceTimersByTimeAsync(8_000);
    expect(await error).toMatchObject({ code: 'refresh-unavailable' });
    expect(authorize).toHaveBeenCalledTimes(1);
  });
});
