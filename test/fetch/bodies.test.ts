import { afterEach, describe, expect, it, vi } from 'vitest';
import { NotReplayableError } from '../../src/errors.js';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { defineScheme } from '../../src/schemes/scheme.js';
import {
  bodyOf,
  deferred,
  FakeCore,
  ORIGIN,
  refuse,
  serve,
  sessionOver,
  stubFetch,
  takesOnly,
} from './support.js';

const URL_ = `${ORIGIN}/x`;

function bytes(length: number, from = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i + from) % 251);
}

function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

function formOf(): FormData {
  const form = new FormData();
  form.append('na"me\r\n', 'va\nlue');
  form.append('file', new File([bytes(300)], 'a "b".bin', { type: 'image/png' }));
  form.append('untyped', new Blob(['x']));
  return form;
}

async function* generated(): AsyncGenerator<Uint8Array> {
  yield bytes(10);
  yield bytes(10, 10);
}

const KINDS: readonly [string, () => RequestInit][] = [
  ['a string', () => ({ body: 'häß' })],
  ['URLSearchParams', () => ({ body: new URLSearchParams({ a: 'b c', ü: '&' }) })],
  ['an ArrayBuffer', () => ({ body: bytes(999).buffer })],
  ['a view into a larger buffer', () => ({ body: bytes(999).subarray(10, 500) })],
  ['a DataView', () => ({ body: new DataView(bytes(99).buffer, 9, 50) })],
  ['a Blob', () => ({ body: new Blob([bytes(999)], { type: 'image/png' }) })],
  ['FormData', () => ({ body: formOf() })],
  ['a ReadableStream', () => ({ body: streamOf(bytes(10), bytes(70_000), bytes(5)), duplex: 'half' })],
  ['an async iterable', () => ({ body: generated() as never, duplex: 'half' })],
];

afterEach(() => vi.unstubAllGlobals());

describe('bodies that can be sent only once', () => {
  it('delivers a stream beyond maxReplayBytes as one-shot, never sends it twice, and renews beside', async () => {
    const { authFetch, seen, core } = takesOnly('t2', new FakeCore(), { maxReplayBytes: 100 });
    const renewal = deferred<void>();
    core.renew = async () => {
      await renewal.promise;
      return { held: core.mint(), minted: true };
    };
    const body = streamOf(bytes(60), bytes(60));
    const response = await authFetch(URL_, { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect(await response.text()).toBe('refused');
    expect(outcomeOf(response)).toMatchObject({ reason: 'one-shot', sendings: 1 });
    expect(seen.map((s) => s.bytes.length)).toEqual([120]);
    renewal.resolve();
    await vi.waitFor(() => expect(core.held?.accessToken).toBe('t2'));
    expect((await authFetch(URL_)).status).toBe(200);
  });

  describe('where work ends with its request', () => {
    const refusedUpload = (worksBeside?: boolean) => {
      vi.stubGlobal('WebSocketPair', class {});
      const { authFetch, core } = takesOnly('t2', new FakeCore(), { maxReplayBytes: 0 });
      Object.assign(core, { worksBeside });
      const renewal = deferred<void>();
      core.renew = vi.fn(async () => {
        await renewal.promise;
        return { held: core.mint(), minted: true };
      });
      const init = { method: 'POST', body: streamOf(bytes(1)), duplex: 'half' } as RequestInit;
      return { core, renewal, call: authFetch(URL_, init) };
    };

    it('waits for the renewal, so that the next call works', async () => {
      const { core, renewal, call } = refusedUpload();
      let isThere = false;
      call.then(() => {
        isThere = true;
      });
      await vi.waitFor(() => expect(core.renew).toHaveBeenCalledTimes(1));
      await new Promise((resolve) => setImmediate(resolve));
      expect(isThere).toBe(false);
      renewal.resolve();
      expect(outcomeOf(await call)?.reason).toBe('one-shot');
      expect(core.held?.accessToken).toBe('t2');
    });

    it('does not wait for a session that is kept alive', async () => {
      const { core, call } = refusedUpload(true);
      expect(outcomeOf(await call)?.reason).toBe('one-shot');
      expect(core.held?.accessToken).toBe('t1');
    });
  });

  it('swallows the failure of the renewal beside', async () => {
    const { authFetch, core } = takesOnly('t2', new FakeCore(), { maxReplayBytes: 0 });
    core.renew = () => Promise.reject(new Error('later'));
    const response = await authFetch(URL_, {
      method: 'POST',
      body: streamOf(bytes(1)),
      duplex: 'half',
    } as RequestInit);
    expect(outcomeOf(response)?.reason).toBe('one-shot');
  });

  it('throws NotReplayableError where onOneShot asks for it', async () => {
    const { authFetch } = takesOnly('t2', new FakeCore(), { maxReplayBytes: 0, onOneShot: 'throw' });
    const call = authFetch(URL_, { method: 'POST', body: streamOf(bytes(1)), duplex: 'half' } as RequestInit);
    await expect(call).rejects.toBeInstanceOf(NotReplayableError);
  });

  it('says signed-out rather than one-shot where nobody is signed in', async () => {
    const { authFetch } = takesOnly('t2', new FakeCore(null), { maxReplayBytes: 0 });
    const response = await authFetch(URL_, {
      method: 'POST',
      body: streamOf(bytes(1)),
      duplex: 'half',
    } as RequestInit);
    expect(outcomeOf(response)).toMatchObject({ reason: 'signed-out', signInRequired: true });
  });

  it('delivers a Request whose stream is beyond maxReplayBytes as one-shot', async () => {
    const { authFetch, seen } = takesOnly('t2', new FakeCore(), { maxReplayBytes: 100 });
    const body = streamOf(bytes(60), bytes(60));
    const response = await authFetch(
      new Request(URL_, { method: 'POST', body, duplex: 'half' } as RequestInit),
    );
    expect(outcomeOf(response)?.reason).toBe('one-shot');
    expect(seen).toHaveLength(1);
  });

  it('keeps no copy of a Request that declares more than maxReplayBytes', async () => {
    const { authFetch } = takesOnly('t2', new FakeCore(), { maxReplayBytes: 100 });
    const request = new Request(URL_, {
      method: 'POST',
      body: bytes(200),
      headers: { 'content-length': '200' },
    });
    const clone = vi.spyOn(request, 'clone');
    expect(outcomeOf(await authFetch(request))?.reason).toBe('one-shot');
    expect(clone).not.toHaveBeenCalled();
  });

  it('leaves a Request whose body was used to fetch, which refuses it', async () => {
    const { authFetch, core } = takesOnly('t1');
    const request = new Request(URL_, { method: 'POST', body: 'x' });
    await request.text();
    await expect(authFetch(request)).rejects.toThrow(TypeError);
    expect(core.replaced).toHaveLength(0);
  });

  it('passes on the failure of a stream', async () => {
    const { authFetch } = takesOnly('t1');
    const body = new ReadableStream({
      pull() {
        throw new Error('source');
      },
    });
    await expect(authFetch(URL_, { method: 'POST', body, duplex: 'half' } as RequestInit)).rejects.toThrow();
  });

  it('is a TypeError where the platform would send the name of the stream (Firefox)', async () => {
    const { authFetch, seen } = takesOnly('t1');
    const Native = globalThis.Request;
    class Firefox extends Native {
      constructor(input: RequestInfo | URL, init?: RequestInit) {
        super(input, init?.body instanceof ReadableStream ? { ...init, body: String(init.body) } : init);
      }
    }
    vi.stubGlobal('Request', Firefox);
    const call = authFetch(URL_, { method: 'POST', body: streamOf(bytes(1)) });
    await expect(call).rejects.toThrow(/stream as `body`/);
    expect(seen).toHaveLength(0);
  });
});

describe('bodies where there are no streams (React Native)', () => {
  it('are a TypeError if they are made piece by piece: the platform would send nothing', async () => {
    vi.stubGlobal('ReadableStream', undefined);
    const { authFetch, calls } = takesOnly('t2');
    await expect(authFetch(URL_, { method: 'POST', body: generated() as never })).rejects.toThrow(
      /cannot send a stream/,
    );
    expect(calls).toHaveLength(0);
  });

  it('can be read by a scheme where a Blob cannot', async () => {
    const blob = new Blob(['bytes']);
    Object.defineProperty(blob, 'arrayBuffer', { value: undefined });
    const stub = stubFetch(() => new Response());
    let read: unknown;
    const auth = defineScheme({
      name: 'signed',
      async credentials({ body }) {
        read = typeof body === 'function' ? new TextDecoder().decode(await body()) : body;
        return undefined;
      },
    });
    await createAuthFetch({ origins: ORIGIN, auth, fetch: stub.fetch })(URL_, { method: 'POST', body: blob });
    expect(read).toBe('bytes');
  });
});

describe('bodies on replay', () => {
  it.each(KINDS)('sends the same bytes and Content-Type again: %s', async (_name, init) => {
    const { authFetch, seen } = takesOnly('t2');
    expect((await authFetch(URL_, { method: 'POST', ...init() })).status).toBe(200);
    expect(seen).toHaveLength(2);
    expect(seen[0]?.bytes.length).toBeGreaterThan(3);
    expect(seen[1]?.bytes).toEqual(seen[0]?.bytes);
    expect(seen[1]?.headers.get('content-type')).toBe(seen[0]?.headers.get('content-type'));
  });

  it.each(KINDS)('sends the same bytes again, given in a Request: %s', async (_name, init) => {
    const { authFetch, seen } = takesOnly('t2');
    expect((await authFetch(new Request(URL_, { method: 'POST', ...init() }))).status).toBe(200);
    expect(seen).toHaveLength(2);
    expect(seen[1]?.bytes).toEqual(seen[0]?.bytes);
    expect(seen[1]?.headers.get('content-type')).toBe(seen[0]?.headers.get('content-type'));
  });

  it.each(KINDS)('sends what plain fetch would send: %s', async (_name, init) => {
    const { authFetch, seen } = takesOnly('t1');
    const plain = new Request(URL_, { method: 'POST', ...init() });
    await authFetch(URL_, { method: 'POST', ...init() });
    const type = (text: string | null | undefined) => text?.replace(/boundary=.*/, 'boundary');
    expect(type(seen[0]?.headers.get('content-type'))).toBe(type(plain.headers.get('content-type')));
    if (!type(plain.headers.get('content-type'))?.includes('boundary')) {
      expect(seen[0]?.bytes).toEqual(new Uint8Array(await plain.arrayBuffer()));
    }
  });

  it('writes a form that a server reads as what was put in', async () => {
    const { authFetch, seen } = takesOnly('t1');
    await authFetch(URL_, { method: 'POST', body: formOf() });
    const type = seen[0]?.headers.get('content-type') as string;
    const read = await new Response(seen[0]?.bytes as BodyInit, {
      headers: { 'content-type': type },
    }).formData();
    expect([...read.keys()]).toEqual(['na"me\r\n', 'file', 'untyped']);
    expect(read.get('na"me\r\n')).toBe('va\r\nlue');
    const file = read.get('file') as File;
    expect([file.name, file.type, file.size]).toEqual(['a "b".bin', 'image/png', 300]);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes(300));
  });

  it('keeps a Content-Type that the caller has set', async () => {
    const { authFetch, seen } = takesOnly('t2');
    const body = new URLSearchParams('a=b');
    await authFetch(URL_, { method: 'POST', body, headers: { 'content-type': 'x/y' } });
    expect(seen.map((s) => s.headers.get('content-type'))).toEqual(['x/y', 'x/y']);
  });

  it('sends the bytes of the first sending although the caller changed its buffer or form', async () => {
    const core = new FakeCore();
    const { authFetch, seen } = takesOnly('t2', core);
    const buffer = bytes(50);
    const form = formOf();
    core.renew = async () => {
      buffer.fill(0);
      form.append('late', 'x');
      return { held: core.mint(), minted: true };
    };
    await authFetch(URL_, { method: 'POST', body: buffer });
    expect(seen.map((s) => s.bytes)).toEqual([bytes(50), bytes(50)]);
    core.held = core.make('t1');
    seen.length = 0;
    core.renew = async () => {
      form.append('later', 'x');
      return { held: core.make('t2'), minted: true };
    };
    await authFetch(URL_, { method: 'POST', body: form });
    expect(seen[1]?.bytes).toEqual(seen[0]?.bytes);
  });

  it('copies a mutable body before it waits for the first credentials', async () => {
    const { authFetch, core, seen } = takesOnly('t1');
    const { held } = core;
    const loaded = deferred<typeof held>();
    core.current = () => loaded.promise;
    const buffer = bytes(50);
    const call = authFetch(URL_, { method: 'POST', body: buffer });
    buffer.fill(0);
    loaded.resolve(held);
    await call;
    expect(seen[0]?.bytes).toEqual(bytes(50));
  });

  it('copies nothing for a scheme that can do nothing about a refusal', async () => {
    const stub = stubFetch(() => refuse());
    const auth = { name: 'static', credentials: () => ({ headers: { 'X-Key': 'k' } }) };
    const authFetch = createAuthFetch({ origins: ORIGIN, auth, fetch: stub.fetch });
    const body = bytes(5);
    const request = new Request(URL_, { method: 'POST', body });
    const clone = vi.spyOn(request, 'clone');
    await authFetch(URL_, { method: 'POST', body });
    await authFetch(request);
    expect(stub.calls[0]?.init?.body).toBe(body);
    expect(clone).not.toHaveBeenCalled();
  });

  it('hands on a form that cannot be read (React Native)', async () => {
    class FormDataWithoutEntries {
      append(): void {}
    }
    vi.stubGlobal('FormData', FormDataWithoutEntries);
    const body = new FormDataWithoutEntries() as never;
    const bodies: unknown[] = [];
    const fetch = async (_input: unknown, init?: RequestInit) => {
      bodies.push(init?.body);
      return bodies.length > 1 ? new Response() : refuse();
    };
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(new FakeCore()), fetch });
    await authFetch(URL_, { method: 'POST', body });
    expect(bodies).toEqual([body, body]);
  });
});

describe('URLSearchParams where the platform sends nothing for them (React Native)', () => {
  const FORM = 'application/x-www-form-urlencoded;charset=UTF-8';
  const polyfilled = () =>
    vi.stubGlobal(
      'fetch',
      Object.assign(async () => new Response(), { polyfill: true }),
    );
  const params = () => new URLSearchParams({ a: 'b c' });
  /** As whatwg-fetch makes one: what it was made of is what would be sent. */
  const requestOf = () =>
    Object.assign(new Request(URL_, { method: 'POST', body: params() }), { _bodyInit: params() });

  it.each([
    ['in the init', () => [URL_, { method: 'POST', body: params() }]],
    ['in a Request', () => [requestOf(), undefined]],
    ['in a Request whose headers are replaced', () => [requestOf(), { headers: { 'x-mine': '1' } }]],
  ] as [string, () => [string | Request, RequestInit | undefined]][])(
    'go as text, first, again and without credentials: %s',
    async (_, made) => {
      polyfilled();
      const { authFetch, seen, calls } = takesOnly('t2');
      await authFetch(...made());
      const [input, init] = made();
      await authFetch(input, { ...init, auth: false });
      expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer t1', 'Bearer t2', null]);
      expect(calls.map((call) => call.init?.body)).toEqual(['a=b+c', 'a=b+c', 'a=b+c']);
      expect(seen.map(({ headers }) => headers.get('content-type'))).toEqual([FORM, FORM, FORM]);
      expect(seen.map(({ headers }) => headers.get('x-mine'))).toEqual(
        seen.map(() => (init?.headers ? '1' : null)),
      );
    },
  );

  it('keep a Content-Type of the caller', async () => {
    polyfilled();
    const { authFetch, seen } = takesOnly('t1');
    const headers = { 'content-type': 'text/x' };
    await authFetch(URL_, { method: 'POST', body: params(), headers, auth: false });
    expect(seen[0]?.headers.get('content-type')).toBe('text/x');
  });

  it('go out plain as they are elsewhere', async () => {
    const { authFetch, calls } = takesOnly('t1');
    const init = { method: 'POST', body: params() };
    await authFetch('https://elsewhere.example/', init);
    expect(calls[0]?.init).toBe(init);
  });
});

describe('unfinished sendings', () => {
  it.each([
    ['init', (url: string, init: RequestInit) => [url, init] as const],
    ['a Request', (url: string, init: RequestInit) => [new Request(url, init)] as const],
  ])('ends the refused upload of %s, and replays what was sent and then the rest', async (_name, given) => {
    const received: string[] = [];
    const ended: boolean[] = [];
    const { origin, close } = await serve(async (request, response) => {
      if (request.headers.authorization === 'Bearer t1') {
        request.once('data', () => response.writeHead(401, { 'content-length': 0 }).end());
        request.on('error', () => {});
        request.socket.on('close', () => ended.push(request.complete));
        return;
      }
      received.push((await bodyOf(request)).toString());
      response.end('ok');
    });
    try {
      let push!: (text: string) => void;
      let end!: () => void;
      const body = new ReadableStream({
        start(controller) {
          push = (text) => controller.enqueue(new TextEncoder().encode(text));
          end = () => controller.close();
        },
      });
      const core = new FakeCore();
      core.renew = async () => {
        push('two,');
        end();
        return { held: core.mint(), minted: true };
      };
      const authFetch = createAuthFetch({ origins: origin, auth: sessionOver(core) });
      push('one,');
      const [input, init] = given(origin, { method: 'POST', body, duplex: 'half' } as RequestInit);
      const response = await authFetch(input, init);
      expect(await response.text()).toBe('ok');
      expect(received).toEqual(['one,two,']);
      await vi.waitFor(() => expect(ended).toEqual([false]));
    } finally {
      await close();
    }
  });
});

describe('refused responses', () => {
  it('do not hold a connection while a renewal is waited for, small or large', async () => {
    const sockets = new Set<unknown>();
    const { origin, close, server } = await serve((request, response) => {
      const isLarge = request.url === '/large';
      if (request.headers.authorization === 'Bearer t2') return void response.end('ok');
      response.writeHead(401, isLarge ? {} : { 'content-length': 7 });
      response.end(isLarge ? 'x'.repeat(300_000) : 'refused');
    });
    server.on('connection', (socket) => sockets.add(socket));
    try {
      const core = new FakeCore();
      const authFetch = createAuthFetch({ origins: origin, auth: sessionOver(core) });
      for (const path of ['/small', '/large']) {
        core.held = core.make('t1');
        core.renew = async () => ({ held: { ...core.make('t2') }, minted: true });
        expect(await (await authFetch(origin + path)).text()).toBe('ok');
      }
      for (let i = 0; i < 5; i++) {
        core.held = core.make('t1');
        await (await authFetch(`${origin}/small`)).text();
      }
      expect(sockets.size).toBeLessThanOrEqual(3);
    } finally {
      await close();
    }
  });

  it('of more than 16 KiB or without an end are cancelled', async () => {
    for (const [headers, expected] of [
      [{ 'content-length': '16384' }, 0],
      [{}, 16_384],
      // a browser may decompress and not show that it did
      [{ 'content-length': '25' }, 16_384],
    ] as const) {
      const core = new FakeCore();
      core.renew = async () => ({ undelivered: 'refused-fresh' });
      const cancel = vi.fn();
      const body = new ReadableStream({ pull: (controller) => controller.enqueue(bytes(1000)), cancel });
      const fetch = async () => new Response(body, { status: 401, headers });
      const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch });
      const response = await authFetch(URL_);
      expect(cancel).toHaveBeenCalledOnce();
      expect((await response.arrayBuffer()).byteLength).toBe(expected);
    }
  });
});
