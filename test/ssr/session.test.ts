import { RefreshUnavailableError } from 'latchkey';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { aWorld } from './support.js';

const world = aWorld();
let server: typeof import('../../examples/server/session.js');

beforeAll(async () => {
  server = await import('../../examples/server/session.js');
});
afterEach(() => {
  vi.useRealTimers();
});

/** The cookie of a user who has signed in. */
async function cookieOf(user: string): Promise<string> {
  const { session, settle } = server.forRequest(undefined);
  await session.signIn(world.signIn(user));
  return (await settle()) ?? '';
}

const orders = (api: { get(path: string): { json(): Promise<unknown> } }) => api.get('orders').json();

describe('examples/server: a session of one request', () => {
  it('renews nothing once the response has gone, because it could not be kept', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { api, session, settle } = server.forRequest(await cookieOf('anna'));
    expect(await orders(api)).toEqual([{ id: 'order-of-anna' }]);
    expect(await settle()).toBeUndefined();
    vi.setSystemTime(Date.now() + 250_000); // a refresh would run beside
    expect(await orders(api)).toEqual([{ id: 'order-of-anna' }]);
    vi.setSystemTime(Date.now() + 50_000); // it has expired
    await expect(session.token()).rejects.toThrow(RefreshUnavailableError);
    expect([world.tokenRequests, world.isOver('anna')]).toEqual([[], false]);
  });

  it('tells at the sign-in that the tokens are too large for a cookie', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    const { session, settle } = server.forRequest(undefined);
    const signingIn = session.signIn({ accessToken: 'a'.repeat(4_096) });
    const refused = expect(signingIn).rejects.toThrow(RefreshUnavailableError);
    let over = false;
    void refused.finally(() => {
      over = true;
    });
    // sealing is Web Crypto's, which knows no timers
    while (!over) {
      await vi.advanceTimersByTimeAsync(250);
      await new Promise(setImmediate);
    }
    expect(await settle()).toBeUndefined();
  });

  it('is anonymous over a cookie that was sealed with another key', async () => {
    const { session } = server.forRequest((await cookieOf('bob')).replace(/.$/, 'x').replace(/...$/, 'abc'));
    expect((await session.ready()).status).toBe('signed-out');
  });
});

describe('two requests of one user, each with the cookie of before', () => {
  it('post one refresh token twice: a server that knows each once ends the sign-in', async () => {
    const cookie = await cookieOf('cleo');
    world.expire('cleo');
    const both = [server.forRequest(cookie), server.forRequest(cookie)];
    await Promise.allSettled(both.map(({ api }) => orders(api)));
    expect([world.tokenRequests, world.isOver('cleo')]).toEqual([['cleo', 'cleo'], true]);
  });

  it('refresh once where the record is kept on the server, and its key in the cookie', async () => {
    const { createAuthClient, createSession, memoryStore } = await import('latchkey');
    const { refreshTokenGrant } = await import('latchkey/oauth');
    const stores = new Map([['key-of-dora', memoryStore(world.signIn('dora'))]]);
    world.expire('dora');
    const apiFor = (key: string) =>
      createAuthClient({
        baseUrl: `${world.origin}/api/`,
        auth: createSession({ refresh: refreshTokenGrant(server.idp), store: stores.get(key) }),
      });
    const served = await Promise.all([1, 2, 3].map(() => orders(apiFor('key-of-dora'))));
    expect(served).toEqual(Array(3).fill([{ id: 'order-of-dora' }]));
    expect([world.tokenRequests, world.isOver('dora')]).toEqual([['dora'], false]);
  });
});

describe('ownPath', () => {
  it('is a path of this site or its root', () => {
    for (const path of ['/', '/orders', '/a/b?c=d#e']) expect(server.ownPath(path)).toBe(path);
    for (const path of [null, '', 'a', '//a', '/\\a', 'https://a', '/a b', '/a\r\nb', '/\ta'])
      expect(server.ownPath(path)).toBe('/');
  });
});
