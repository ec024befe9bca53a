import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { bodyOf, FakeCore, ORIGIN, refuse, serve, sessionOver, stubFetch } from './support.js';

const URL_ = `${ORIGIN}/x`;

/** One response for ever: how often it was asked for, and how often the session was asked to renew. */
async function once(status: number, field: string | null, init?: RequestInit) {
  const core = new FakeCore();
  const stub = stubFetch(
    () => new Response('body', { status, headers: field === null ? {} : { 'www-authenticate': field } }),
  );
  const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch: stub.fetch });
  const response = await authFetch(URL_, init);
  const { reason } = outcomeOf(response) ?? {};
  expect(await response.text()).toBe('body');
  expect(response.status).toBe(status);
  return { sendings: stub.seen.length, renewals: core.replaced.length, reason };
}

const untouched = { sendings: 1, renewals: 0, reason: undefined };

afterEach(() => vi.unstubAllGlobals());

describe('the status code matrix', () => {
  it.each([
    ['a 200 with a challenge is no refusal (RFC 9110, section 11.6.1)', 200, 'Bearer error="invalid_token"'],
    [
      'a 400 with invalid_request refreshes nothing (RFC 6750, section 3.1)',
      400,
      'Bearer error="invalid_request"',
    ],
    ['a 403 without a challenge is handed back', 403, null],
    ['a 403 whose challenge asks for nothing more is handed back', 403, 'Bearer realm="x"'],
    ['a 404 may hide a 403 and is no refusal', 404, null],
    ['a 407 belongs to the next hop (RFC 9110, section 15.5.8)', 407, null],
    ['a 419 is private', 419, null],
    ['a 500 is no refusal', 500, 'Bearer'],
  ])('%s', async (_name, status, field) => {
    expect(await once(status, field)).toEqual(untouched);
  });

  it.each([
    ['403 insufficient_scope', 403, 'Bearer error="insufficient_scope", scope="a b"', 'insufficient-scope'],
    ['401 insufficient_scope (a registry)', 401, 'Bearer error="insufficient_scope"', 'insufficient-scope'],
    [
      '401 insufficient_user_authentication',
      401,
      'Bearer error="insufficient_user_authentication", acr_values="x"',
      'insufficient-authentication',
    ],
    ['401 with claims', 401, 'Bearer error="insufficient_claims", claims="eyJ9"', 'insufficient-claims'],
  ])('%s is delivered with what it needs, and refreshes nothing', async (_name, status, field, reason) => {
    expect(await once(status, field)).toEqual({ sendings: 1, renewals: 0, reason });
  });

  it('reads error from the Bearer challenge only: a decoy in another changes nothing (RFC 6750, section 3)', async () => {
    const field = 'Digest error="insufficient_scope", Bearer error="invalid_token"';
    expect(await once(401, field)).toMatchObject({ sendings: 2, renewals: 1 });
  });

  it('a 401 for another scheme is handed back', async () => {
    expect(await once(401, 'Negotiate')).toEqual({ sendings: 1, renewals: 0, reason: 'not-answerable' });
  });

  it.each([
    ['Bearer error="invalid_token"'],
    ['Bearer'],
    ['bEaReR realm=x'],
    [null],
    [''],
    [',,'],
    ['\u00e9'],
  ])('a 401 with the challenge %j is answered once and then handed back with its body', async (field) => {
    expect(await once(401, field)).toEqual({ sendings: 2, renewals: 1, reason: 'refused-again' });
  });

  it('finds Bearer behind schemes it does not know', async () => {
    expect(await once(401, 'Foo bar, Negotiate abc==, Bearer')).toMatchObject({ sendings: 2, renewals: 1 });
  });
});

describe('the replayed request', () => {
  it('is the same but for the credentials, as the server sees it (RFC 9110, section 15.5.2)', async () => {
    const seen: unknown[] = [];
    const { origin, close } = await serve(async (request, response) => {
      const { method, url, rawHeaders, headers } = request;
      const rest = rawHeaders.map((text) => text.replace(/^Bearer .*/, 'Bearer'));
      seen.push([method, url, rest, (await bodyOf(request)).toString('hex')]);
      if (headers.authorization === 'Bearer t1') response.writeHead(401, { 'www-authenticate': 'Bearer' });
      response.end();
    });
    try {
      const authFetch = createAuthFetch({ origins: origin, auth: sessionOver(new FakeCore()) });
      const headers: [string, string][] = [
        ['x-twice', '1'],
        ['x-twice', '2'],
      ];
      const response = await authFetch(`${origin}/p?q=%20#f`, { method: 'PATCH', body: 'b\u0000', headers });
      expect(response.status).toBe(200);
      expect(seen).toHaveLength(2);
      expect(seen[1]).toEqual(seen[0]);
    } finally {
      await close();
    }
  });

  it('keeps signal, cache mode and the other members of a Request', async () => {
    const stub = stubFetch(({ authorization }) =>
      authorization === 'Bearer t2' ? new Response() : refuse(),
    );
    const authFetch = createAuthFetch({
      origins: ORIGIN,
      auth: sessionOver(new FakeCore()),
      fetch: stub.fetch,
    });
    const init = {
      method: 'POST',
      body: 'x',
      cache: 'no-store',
      integrity: 'sha256-x',
      keepalive: true,
    } as const;
    await authFetch(new Request(URL_, init));
    for (const { request } of stub.seen) {
      expect(request).toMatchObject({
        cache: 'no-store',
        integrity: 'sha256-x',
        keepalive: true,
        method: 'POST',
      });
    }
    expect(stub.seen).toHaveLength(2);
  });

  it('is aborted by the caller, with the caller’s reason, and nothing is left unhandled', async () => {
    const controller = new AbortController();
    const stub = stubFetch(({ authorization, request }) => {
      if (authorization !== 'Bearer t2') return refuse();
      if (request.signal.aborted) return Promise.reject(request.signal.reason);
      return new Promise((_resolve, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason));
        controller.abort('mine');
      });
    });
    const authFetch = createAuthFetch({
      origins: ORIGIN,
      auth: sessionOver(new FakeCore()),
      fetch: stub.fetch,
    });
    await expect(authFetch(URL_, { signal: controller.signal })).rejects.toBe('mine');
    await expect(authFetch(URL_, { signal: controller.signal })).rejects.toBe('mine');
  });
});

describe('isUnauthorized', () => {
  const over = (
    answer: (authorization: string | null) => Response,
    isUnauthorized: Parameters<typeof createAuthFetch>[0]['isUnauthorized'],
    core = new FakeCore(),
  ) => {
    const stub = stubFetch(({ authorization }) => answer(authorization));
    const auth = sessionOver(core);
    return {
      core,
      ...stub,
      authFetch: createAuthFetch({ origins: ORIGIN, auth, fetch: stub.fetch, isUnauthorized }),
    };
  };
  const unauthenticated = JSON.stringify({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  const graphql = async (
    _response: Response,
    peek: { json(): Promise<{ errors?: unknown[] } | undefined> },
  ) => (await peek.json())?.errors !== undefined;

  it('recognizes a 419', async () => {
    const { authFetch, seen } = over(
      (authorization) => new Response(null, { status: authorization === 'Bearer t2' ? 200 : 419 }),
      (response) => response.status === 419,
    );
    expect((await authFetch(URL_)).status).toBe(200);
    expect(seen).toHaveLength(2);
  });

  it('recognizes a GraphQL error in a 200, which is no acceptance, and leaves the body to the caller', async () => {
    const { authFetch, core } = over(() => new Response(unauthenticated), graphql);
    const response = await authFetch(URL_);
    expect(await response.text()).toBe(unauthenticated);
    expect(outcomeOf(response)).toMatchObject({ reason: 'refused-again', sendings: 2 });
    expect(core.acceptedTokens).toEqual([]);
  });

  it('leaves the body of what it does not recognize to the caller, and tells the session of it', async () => {
    const { authFetch, core } = over(() => new Response('{"data":1}'), graphql);
    expect(await (await authFetch(URL_)).json()).toEqual({ data: 1 });
    expect(core.acceptedTokens).toHaveLength(1);
  });

  it('looks at no more than 64 KiB, at no event stream, and sees no JSON where there is none', async () => {
    const peeked: unknown[] = [];
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new TextEncoder().encode('x'.repeat(10_000)));
      },
    });
    const responses = [
      new Response(endless),
      new Response('event: a', { headers: { 'content-type': 'Text/Event-Stream; charset=utf-8' } }),
      new Response('<html>'),
      new Response(null, { status: 204 }),
    ];
    const { authFetch } = over(
      () => responses.shift() as Response,
      async (_response, peek) => {
        peeked.push([(await peek.text()).length, await peek.json()]);
        return false;
      },
    );
    for (let i = 0; i < 4; i++) await authFetch(URL_);
    expect(peeked).toEqual([
      [65_536, undefined],
      [0, undefined],
      [6, undefined],
      [0, undefined],
    ]);
    expect(pulled).toBeLessThan(12);
  });

  it('reads a body without streams (React Native)', async () => {
    const { authFetch } = over((authorization) => {
      const response = new Response(authorization === 'Bearer t2' ? '{}' : unauthenticated);
      const clone = () => Object.defineProperty(new Response(unauthenticated), 'body', { value: undefined });
      if (authorization === 'Bearer t2') return response;
      return Object.defineProperties(response, { body: { value: undefined }, clone: { value: clone } });
    }, graphql);
    expect((await authFetch(URL_)).status).toBe(200);
  });

  it('rejects with what it throws', async () => {
    const { authFetch } = over(
      () => new Response(),
      () => {
        throw new Error('mine');
      },
    );
    await expect(authFetch(URL_)).rejects.toThrow('mine');
  });
});

describe('platforms that lack things', () => {
  it('follows the caller’s signal by hand where there is no AbortSignal.any', async () => {
    vi.stubGlobal('AbortSignal', class {});
    const stub = stubFetch(({ request }) => {
      controller.abort('mine');
      return Promise.reject(request.signal.reason);
    });
    const controller = new AbortController();
    const authFetch = createAuthFetch({
      origins: ORIGIN,
      auth: sessionOver(new FakeCore()),
      fetch: stub.fetch,
    });
    const init = () => ({
      method: 'POST',
      body: new Blob(['x']).stream(),
      duplex: 'half',
      signal: controller.signal,
    });
    await expect(authFetch(URL_, init() as RequestInit)).rejects.toBe('mine');
    await expect(authFetch(URL_, init() as RequestInit)).rejects.toBe('mine');
  });

  it('rejects with an AbortError where signals have no reason', async () => {
    const listeners: (() => void)[] = [];
    const signal = {
      aborted: false,
      addEventListener: (_type: string, listener: () => void) => listeners.push(listener),
      removeEventListener: () => {},
    } as unknown as AbortSignal;
    const core = new FakeCore();
    core.renew = () => new Promise(() => {});
    const fetch = async () => refuse();
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch });
    const call = authFetch(URL_, { signal });
    await vi.waitFor(() => expect(listeners).toHaveLength(1));
    listeners[0]?.();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('keeps a refused response without streams (React Native)', async () => {
    for (const [size, length] of [
      ['3', 3],
      ['999999', 0],
    ] as const) {
      const core = new FakeCore();
      core.renew = async () => ({ undelivered: 'refused-fresh' });
      const fetch = async () => {
        const response = new Response('why', { status: 401, headers: { 'content-length': size } });
        return Object.defineProperty(response, 'body', { value: undefined });
      };
      const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch });
      expect(await (await authFetch(URL_)).text()).toHaveLength(length);
    }
  });
});
