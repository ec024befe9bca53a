import { describe, expect, it, vi } from 'vitest';
import { RefreshUnavailableError } from '../../src/errors.js';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import type { Credentials } from '../../src/protocol/credentials.js';
import type { Replaced } from '../../src/protocol/session-core.js';
import type { Scheme } from '../../src/schemes/scheme.js';
import { deferred, FakeCore, ORIGIN, refuse, sessionOver, takesOnly } from './support.js';

/** An upload that is still under way when the refusal comes; `ended` tells whether its sending was ended. */
function uploading(core: FakeCore) {
  const signals: AbortSignal[] = [];
  const fetch = async (_: unknown, init?: RequestInit) => {
    if (init?.signal) signals.push(init.signal);
    return refuse();
  };
  const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch: fetch as never });
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => (signals.length > 0 ? undefined : controller.enqueue(new Uint8Array(8))),
  });
  const call = authFetch(`${ORIGIN}/a`, { method: 'POST', body, duplex: 'half' } as RequestInit);
  return { call, ended: () => signals.at(-1)?.aborted };
}

describe('createAuthFetch: what is left of a refused sending', () => {
  it('is ended where the refresh fails', async () => {
    const core = new FakeCore();
    core.renew = () => Promise.reject(new RefreshUnavailableError());
    const { call, ended } = uploading(core);
    await expect(call).rejects.toBeInstanceOf(RefreshUnavailableError);
    await expect.poll(ended).toBe(true);
  });

  it('is ended where the refresh comes to nothing, once the refusal has been read', async () => {
    const core = new FakeCore();
    core.renew = async (): Promise<Replaced> => ({ undelivered: 'refresh-limit' });
    const { call, ended } = uploading(core);
    const response = await call;
    expect(await response.text()).toBe('refused');
    await expect.poll(ended).toBe(true);
  });

  it.each([
    ['says less than it holds', { 'content-length': '5' }],
    ['is compressed', { 'content-length': '5', 'content-encoding': 'gzip' }],
  ])('is kept up to 16 KiB, also of a body that %s', async (_, headers) => {
    const core = new FakeCore();
    core.renew = async (): Promise<Replaced> => ({ undelivered: 'refresh-limit' });
    let pulled = 0;
    const fetch = async () => {
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled++;
          if (pulled > 64) controller.close();
          else controller.enqueue(new Uint8Array(4_096));
        },
      });
      return new Response(body, { status: 401, headers });
    };
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch });
    expect((await (await authFetch(`${ORIGIN}/a`)).arrayBuffer()).byteLength).toBe(16_384);
    if ('content-encoding' in headers) expect(pulled).toBeLessThan(16);
  });

  it('is left alone where somebody reads its body', async () => {
    const core = new FakeCore();
    core.renew = async () => ({ undelivered: 'refresh-limit' });
    const isUnauthorized = (response: Response) => response.body?.getReader() !== undefined;
    const fetch = async () => new Response('read elsewhere', { status: 419 });
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch, isUnauthorized });
    const response = await authFetch(`${ORIGIN}/a`);
    expect([response.status, await response.text()]).toEqual([419, '']);
  });

  it.each([
    ['no length', {}],
    ['a small length', { 'content-length': '25' }],
  ])(
    'is cancelled after a second where its body does not end, and what came of it is kept: %s',
    async (_, headers) => {
      vi.useFakeTimers();
      try {
        const core = new FakeCore();
        const gate = deferred<void>();
        core.renew = () => gate.promise.then((): Replaced => ({ undelivered: 'refresh-limit' }));
        let cancelled = false;
        const fetch = async () => {
          const body = new ReadableStream<Uint8Array>({
            start: (controller) => controller.enqueue(new TextEncoder().encode('begun')),
            cancel() {
              cancelled = true;
            },
          });
          return new Response(body, { status: 401, headers });
        };
        const authFetch = createAuthFetch({ origins: ORIGIN, auth: sessionOver(core), fetch });
        const call = authFetch(`${ORIGIN}/a`);
        await vi.advanceTimersByTimeAsync(999);
        expect(cancelled).toBe(false);
        await vi.advanceTimersByTimeAsync(1);
        expect(cancelled).toBe(true);
        gate.resolve();
        expect(await (await call).text()).toBe('begun');
        expect(vi.getTimerCount()).toBe(0);
      } finally {
        vi.useRealTimers();
      }
    },
  );
});

describe('createAuthFetch: a replay', () => {
  it('is of the call as it was made, whatever its caller does to the init meanwhile', async () => {
    const gate = deferred<void>();
    const core = new FakeCore();
    core.renew = async () => {
      await gate.promise;
      return { held: core.mint(), minted: true };
    };
    const { authFetch, seen } = takesOnly('t2', core);
    const headers: Record<string, string> = { 'x-a': '1' };
    const init: RequestInit = { method: 'PUT', headers, body: 'first' };
    const call = authFetch(`${ORIGIN}/a`, init);
    headers['x-a'] = '2';
    init.method = 'DELETE';
    init.body = 'second';
    gate.resolve();
    expect((await call).status).toBe(200);
    expect(seen.map(({ method, headers, body }) => [method, headers.get('x-a'), body])).toEqual([
      ['PUT', '1', 'first'],
      ['PUT', '1', 'first'],
    ]);
  });

  it('replaces the credentials that were sent last along redirects', async () => {
    const refused: Credentials[] = [];
    let written = 0;
    const write = (): Credentials => {
      written++;
      return { headers: { 'X-Key': `k${written}` }, version: written };
    };
    const scheme: Scheme = {
      name: 'key',
      redirects: 'by-hand',
      credentials: write,
      remedy: () => 'replace',
      replace(credentials) {
        refused.push(credentials);
        return { credentials: write(), minted: refused.length > 1 };
      },
    };
    const fetch = async (input: unknown, init?: RequestInit) => {
      const key = new Headers(init?.headers).get('x-key');
      if (key === 'k2') return new Response(null, { status: 302, headers: { location: '/to' } });
      return key === 'k4' && String(input).endsWith('/to') ? new Response('taken') : refuse();
    };
    const authFetch = createAuthFetch({ origins: ORIGIN, auth: scheme, fetch: fetch as never });
    expect((await authFetch(`${ORIGIN}/from`)).status).toBe(200);
    expect(refused.map(({ version }) => version)).toEqual([1, 3]);
  });
});
