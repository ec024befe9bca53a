import { describe, expect, it, vi } from 'vitest';
import { RefreshUnavailableError, SignedOutError } from '../../src/errors.js';
import type { AuthEvent } from '../../src/events.js';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import type { Held, Replaced } from '../../src/protocol/session-core.js';
import { apiKey } from '../../src/schemes/api-key.js';
import { bearer } from '../../src/schemes/bearer.js';
import { deferred, FakeCore, ORIGIN, refuse, sessionOver, stubFetch, takesOnly } from './support.js';

const URL_ = `${ORIGIN}/x`;

describe('createAuthFetch: what goes wrong', () => {
  it('delivers the last 401 with its body when the server refuses for ever, after two sendings and one renewal', async () => {
    const { authFetch, seen, core } = takesOnly('never');
    const response = await authFetch(URL_);
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('refused');
    expect(seen).toHaveLength(2);
    expect(core.replaced).toHaveLength(1);
    expect(outcomeOf(response)).toMatchObject({
      reason: 'refused-again',
      sendings: 2,
      signInRequired: false,
    });
  });

  it('replays a second time when the first replacement was adopted and refused too', async () => {
    const { authFetch, seen, core } = takesOnly('t3');
    core.renew = () => ({ held: core.mint(), minted: core.held?.accessToken === 't3' });
    expect((await authFetch(URL_)).status).toBe(200);
    expect(seen.map((s) => s.authorization)).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t3']);
  });

  it('delivers as refused again when the replacement is what was refused', async () => {
    const { authFetch, seen, core } = takesOnly('never');
    core.renew = (refused) => ({ held: refused, minted: false });
    expect(outcomeOf(await authFetch(URL_))?.reason).toBe('refused-again');
    expect(seen).toHaveLength(1);
  });

  it('throws the error of a renewal that fails, and the refused body is let go', async () => {
    const core = new FakeCore();
    core.renew = async () => {
      throw new RefreshUnavailableError();
    };
    const cancel = vi.fn();
    const body = new ReadableStream({ cancel });
    const fetch = async () => new Response(body, { status: 401, headers: { 'content-length': '999999' } });
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch });
    await expect(authFetch(URL_)).rejects.toBeInstanceOf(RefreshUnavailableError);
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('throws what a renewal throws synchronously', async () => {
    const { authFetch, core } = takesOnly('t2');
    core.renew = () => {
      throw new RefreshUnavailableError();
    };
    await expect(authFetch(URL_)).rejects.toBeInstanceOf(RefreshUnavailableError);
  });

  it('rejects with what asking for credentials throws or rejects with, and sends nothing', async () => {
    for (const current of [
      () => {
        throw new SignedOutError();
      },
      () => Promise.reject(new SignedOutError()),
    ]) {
      const { authFetch, core, seen } = takesOnly('t1');
      core.current = current;
      await expect(authFetch(URL_)).rejects.toBeInstanceOf(SignedOutError);
      await expect(authFetch(new Request(URL_))).rejects.toBeInstanceOf(SignedOutError);
      expect(seen).toHaveLength(0);
    }
  });

  it('delivers the original response, body unread, where it is known at once that there are no others', async () => {
    const original = refuse();
    const core = new FakeCore();
    core.renew = () => ({ undelivered: 'refused-fresh' });
    const authFetch = createAuthFetch({
      origins: ORIGIN,
      auth: sessionOver(core),
      fetch: async () => original,
    });
    const response = await authFetch(URL_);
    expect(response).toBe(original);
    expect(response.bodyUsed).toBe(false);
    expect(outcomeOf(response)?.reason).toBe('refused-fresh');
  });

  it('rebuilds the refused response where it turns out later that there are no others', async () => {
    const core = new FakeCore();
    core.renew = async () => ({ undelivered: 'session-ended' });
    const fetch = async () =>
      Object.defineProperty(refuse('Bearer realm="r"', 'why'), 'url', { value: URL_ });
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch });
    const response = await authFetch(URL_);
    expect([response.status, response.url, await response.text()]).toEqual([401, URL_, 'why']);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="r"');
    expect(outcomeOf(response)).toMatchObject({ reason: 'session-ended', signInRequired: true, sendings: 1 });
  });

  it('passes a network failure on without a renewal', async () => {
    const core = new FakeCore();
    const failure = new TypeError('fetch failed');
    const fetch = () => Promise.reject(failure);
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch });
    await expect(authFetch(URL_)).rejects.toBe(failure);
    expect(core.replaced).toHaveLength(0);
  });

  it('rejects, and does not throw, where the fetch below throws', async () => {
    const fetch = () => {
      throw new Error('broken');
    };
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(new FakeCore()), fetch });
    await expect(authFetch(URL_)).rejects.toThrow('broken');
  });

  it('is not disturbed by a listener that throws or rejects', async () => {
    for (const observe of [
      () => {
        throw new Error('listener');
      },
      async () => {
        throw new Error('listener');
      },
    ]) {
      const { authFetch } = takesOnly('t2', new FakeCore(), { observe });
      expect((await authFetch(URL_)).status).toBe(200);
    }
  });
});

describe('createAuthFetch: aborts', () => {
  it('frees a caller at once while it waits for a renewal, with its own reason, and nobody else', async () => {
    const { authFetch, core } = takesOnly('t2');
    const renewal = deferred<Replaced>();
    core.renew = () => renewal.promise;
    const controller = new AbortController();
    const reason = new Error('mine');
    const aborted = authFetch(URL_, { signal: controller.signal });
    const other = authFetch(URL_);
    await vi.waitFor(() => expect(core.replaced).toHaveLength(2));
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    renewal.resolve({ held: core.mint(), minted: true });
    expect((await other).status).toBe(200);
  });

  it('frees a caller at once while it waits for its first credentials', async () => {
    const { authFetch, core, seen } = takesOnly('t1');
    core.current = () => new Promise<Held>(() => {});
    const controller = new AbortController();
    const plain = authFetch(URL_, { signal: controller.signal });
    const request = authFetch(new Request(URL_, { signal: controller.signal }));
    controller.abort('enough');
    await expect(plain).rejects.toBe('enough');
    await expect(request).rejects.toBe('enough');
    expect(seen).toHaveLength(0);
  });

  it('rejects at once where the signal was aborted before', async () => {
    const { authFetch, core } = takesOnly('t1');
    core.current = () => new Promise<Held>(() => {});
    await expect(authFetch(URL_, { signal: AbortSignal.abort('before') })).rejects.toBe('before');
  });
});

describe('createAuthFetch: what is none of its own', () => {
  it.each([
    ['another origin', 'https://other.example.com/x', {}],
    ['a host that only begins alike', 'https://api.example.com.evil.test/x', {}],
    ['a host behind a user that looks like the origin', 'https://api.example.com@evil.test/x', {}],
    ['another port', 'https://api.example.com:444/x', {}],
    ['http in place of https', 'http://api.example.com/x', {}],
    ['auth: false', URL_, { auth: false }],
    ['an Authorization of the caller, in an object', URL_, { headers: { authorization: 'Basic x' } }],
    ['an Authorization of the caller, in pairs', URL_, { headers: [['AUTHORIZATION', 'Basic x']] }],
    [
      'an Authorization of the caller, in Headers',
      URL_,
      { headers: new Headers({ Authorization: 'Basic x' }) },
    ],
    ['mode no-cors', URL_, { mode: 'no-cors' }],
  ])('hands %s to the fetch below untouched', async (_name, input, init) => {
    const calls: unknown[][] = [];
    const fetch = async (...given: unknown[]) => {
      calls.push(given);
      return refuse();
    };
    const authFetch = createAuthFetch({
      origins: ORIGIN,
      auth: sessionOver(new FakeCore()),
      fetch: fetch as never,
    });
    const response = await authFetch(input, init as RequestInit);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.[0]).toBe(input);
    expect(calls[0]?.[1]).toBe(init);
    expect(outcomeOf(response)).toBeUndefined();
  });

  it('hands a Request with an Authorization of its own, or mode no-cors, on untouched', async () => {
    for (const init of [{ headers: { authorization: 'Basic x' } }, { mode: 'no-cors' as const }]) {
      const { authFetch, calls, core } = takesOnly('t1');
      const request = new Request(URL_, init);
      await authFetch(request);
      expect(calls).toEqual([{ input: request, init: undefined }]);
      expect(core.replaced).toHaveLength(0);
    }
  });

  it('hands a URL with a user in it on: it carries credentials of its own', async () => {
    const calls: unknown[] = [];
    const fetch = async (input: unknown) => {
      calls.push(input);
      return refuse();
    };
    const authFetch = createAuthFetch({
      origins: ORIGIN,
      auth: sessionOver(new FakeCore()),
      fetch: fetch as never,
    });
    await authFetch('https://u:p@api.example.com/x');
    expect(calls).toEqual(['https://u:p@api.example.com/x']);
  });
});

describe('createAuthFetch', () => {
  it('sends the token the session holds', async () => {
    const { authFetch, seen } = takesOnly('t1');
    expect(await (await authFetch(URL_)).text()).toBe('taken');
    expect(seen.map((s) => s.authorization)).toEqual(['Bearer t1']);
  });

  it('hands the frozen headers on where none were given', async () => {
    const { authFetch, calls } = takesOnly('t1');
    await authFetch(URL_);
    await authFetch(URL_);
    expect(Object.isFrozen(calls[0]?.init?.headers)).toBe(true);
    expect(calls[1]?.init?.headers).toBe(calls[0]?.init?.headers);
  });

  it.each([
    ['an object', { accept: 'a/b' }],
    ['Headers', new Headers({ accept: 'a/b' })],
    ['pairs', [['accept', 'a/b']]],
    ['a Map', new Map([['accept', 'a/b']])],
  ])('adds to headers given as %s and never builds Headers', async (_name, headers) => {
    const { authFetch, calls, seen } = takesOnly('t2');
    await authFetch(URL_, { headers: headers as HeadersInit, method: 'PUT', body: 'b' });
    expect(seen.map((s) => [s.headers.get('accept'), s.authorization, s.method, s.body])).toEqual([
      ['a/b', 'Bearer t1', 'PUT', 'b'],
      ['a/b', 'Bearer t2', 'PUT', 'b'],
    ]);
    expect(calls.some(({ init }) => init?.headers instanceof Headers)).toBe(false);
  });

  it('lets unknown members of init survive both sendings', async () => {
    const { authFetch, calls } = takesOnly('t2');
    const next = { revalidate: 60 };
    await authFetch(URL_, { next, cf: 1 } as RequestInit);
    for (const { init } of calls) expect(init).toMatchObject({ next, cf: 1 });
    expect(calls).toHaveLength(2);
  });

  it('leaves what the caller gave as it was', async () => {
    const { authFetch } = takesOnly('t2');
    const headers = new Headers({ a: 'b' });
    const init = Object.freeze({ headers, method: 'POST', body: 'x' });
    const request = new Request(URL_, { headers });
    await authFetch(URL_, init);
    await authFetch(request);
    expect([...headers]).toEqual([['a', 'b']]);
    expect(request.headers.has('authorization')).toBe(false);
  });

  it('replays the headers of the first sending although the caller changed them meanwhile', async () => {
    const core = new FakeCore();
    const headers: Record<string, string> = { 'x-step': 'one' };
    const { authFetch, seen } = takesOnly('t2', core);
    core.renew = async () => {
      headers['x-step'] = 'two';
      return { held: core.mint(), minted: true };
    };
    await authFetch(URL_, { headers });
    expect(seen.map((s) => s.headers.get('x-step'))).toEqual(['one', 'one']);
  });

  it('replays with the newer token, renewing nothing, when a refusal comes late', async () => {
    const core = new FakeCore();
    const first = deferred<Response>();
    const stub = stubFetch(({ authorization }) =>
      authorization === 'Bearer t1' ? first.promise : new Response(),
    );
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch: stub.fetch });
    const renew = vi.spyOn(core, 'renew');
    const call = authFetch(URL_);
    core.mint();
    first.resolve(refuse());
    expect((await call).status).toBe(200);
    expect(renew).not.toHaveBeenCalled();
  });

  it('tells the session of what was taken, and not of 401 or 5xx', async () => {
    const statuses = [200, 404, 403, 500, 401];
    const core = new FakeCore();
    core.renew = () => ({ undelivered: 'refused-fresh' });
    const fetch = async () => new Response(null, { status: statuses.shift() as number });
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch });
    for (let i = 0; i < 5; i++) await authFetch(URL_);
    expect(core.acceptedTokens).toHaveLength(3);
  });

  it('sends without credentials where nobody is signed in, and says so about the 401', async () => {
    const { authFetch, seen } = takesOnly('t1', new FakeCore(null));
    const bare = await authFetch(URL_);
    expect(outcomeOf(bare)).toMatchObject({ reason: 'signed-out', signInRequired: true, sendings: 1 });
    const withInit = await authFetch(URL_, { method: 'POST', body: 'x', headers: { a: 'b' } });
    expect(withInit.status).toBe(401);
    expect(seen.map((s) => s.authorization)).toEqual([null, null]);
  });

  it('sends again with credentials where somebody signed in meanwhile', async () => {
    const core = new FakeCore(null);
    const stub = stubFetch(({ authorization }) => {
      if (authorization !== null) return new Response('taken');
      core.mint();
      return refuse('Bearer');
    });
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch: stub.fetch });
    expect((await authFetch(URL_)).status).toBe(200);
    expect(stub.seen.map((s) => s.authorization)).toEqual([null, 'Bearer t2']);
  });

  it('takes URL objects and Requests, with init over the Request', async () => {
    const { authFetch, seen } = takesOnly('t2');
    await authFetch(new URL(URL_));
    await authFetch(new Request(URL_, { headers: { a: 'request' } }), { headers: { a: 'init' } });
    expect(seen.map((s) => [s.authorization, s.headers.get('a')])).toEqual([
      ['Bearer t1', null],
      ['Bearer t2', null],
      ['Bearer t2', 'init'],
    ]);
  });

  it('hands a Request itself to the fetch below, so that all of its members count', async () => {
    const { authFetch, calls } = takesOnly('t1');
    const request = new Request(URL_);
    await authFetch(request);
    expect(calls[0]?.input).toBe(request);
  });

  it('looks the platform fetch up at each call', async () => {
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: bearer('pat') });
    const stub = stubFetch(() => new Response('stubbed'));
    vi.stubGlobal('fetch', stub.fetch);
    try {
      expect(await (await authFetch(URL_)).text()).toBe('stubbed');
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('can be put in the place of the platform fetch', async () => {
    const stub = stubFetch(() => new Response('below'));
    vi.stubGlobal('fetch', stub.fetch);
    try {
      const authFetch = createAuthFetch({ origins: ORIGIN, auth: bearer('pat') });
      vi.stubGlobal('fetch', authFetch);
      expect(await (await authFetch(URL_)).text()).toBe('below');
      expect(stub.seen).toHaveLength(1);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('does not go through another corridor given as fetch', async () => {
    const { authFetch: inner, seen } = takesOnly('t1');
    const outer = createAuthFetch({ origins: ORIGIN, auth: bearer('outer'), fetch: inner });
    await outer(URL_);
    expect(seen.map((s) => s.authorization)).toEqual(['Bearer outer']);
  });

  it('tells what happens, without query, token or other secrets', async () => {
    const events: AuthEvent[] = [];
    const core = new FakeCore();
    const echo = (token: string) =>
      refuse(`Bearer realm="${'r'.repeat(300)}", error_description="no ${token} \u00e9"`);
    const stub = stubFetch((s) => echo((s.authorization as string).slice(7)));
    const observe = (event: AuthEvent) => events.push(event);
    const auth = sessionOver(core);
    core.held = core.make('secret-one');
    core.renew = () => {
      core.held = core.make('secret-two');
      return { held: core.held, minted: true };
    };
    const authFetch = createAuthFetch({
      origins: ORIGIN,
      auth,
      fetch: stub.fetch,
      observe: (e) => void observe(e),
    });
    const response = await authFetch(`${URL_}?api_key=secret-query#frag`, { method: 'post' });
    expect(events.map((e) => e.type)).toEqual(['challenged', 'replayed', 'challenged', 'delivered']);
    for (const event of events) expect(event).toMatchObject({ url: URL_, method: 'POST' });
    expect(JSON.stringify([events, outcomeOf(response)])).not.toMatch(/secret/);
    expect(outcomeOf(response)?.challenges[0]?.params['error_description']).toBe('no *** ');
    expect(outcomeOf(response)?.challenges[0]?.params['realm']).toHaveLength(200);
  });

  it('tells no key of a query, neither as it is nor as it was written in the URL', async () => {
    const events: AuthEvent[] = [];
    const auth = apiKey({ query: 'key', value: 'a+b/c d==' });
    const fetch = async (input: unknown) =>
      refuse(`ApiKey realm="${input}", error_description="a+b/c d== a%2bb%2fc%20d%3d%3d a%2Bb%2Fc+d%3D%3D"`);
    const observe = (event: AuthEvent) => void events.push(event);
    const response = await createAuthFetch({ origins: ORIGIN, auth, fetch, observe })(URL_);
    const told = JSON.stringify([events, outcomeOf(response)]);
    expect(told).toContain(`${URL_}?key=***`);
    expect(told).not.toMatch(/a(?:%2B|\+)b/i);
  });

  it('tells the challenge as it is where nothing of the key can be shown', async () => {
    const auth = apiKey({ query: 'key', value: '\u043a\u043b\u044e\u0447' });
    const fetch = async () => refuse('ApiKey realm="api"');
    const response = await createAuthFetch({ origins: ORIGIN, auth, fetch })(URL_);
    expect(outcomeOf(response)?.challenges).toEqual([{ scheme: 'apikey', params: { realm: 'api' } }]);
  });
});
