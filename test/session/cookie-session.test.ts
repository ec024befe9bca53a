import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { deferred } from '../support/deferred.js';

const ORIGIN = 'https://app.example.com';

/** An API whose cookie dies; the browser's jar is `server.cookie`. */
function makeServer() {
  const server = { cookie: 'dead', csrf: [] as (string | null)[], includes: [] as unknown[] };
  const fetch = async (_input: unknown, init?: RequestInit): Promise<Response> => {
    server.includes.push(init?.credentials);
    server.csrf.push(new Headers(init?.headers).get('x-csrf'));
    return new Response('{}', { status: server.cookie === 'live' ? 200 : 401 });
  };
  return { server, fetch };
}

describe('createCookieSession', () => {
  it('refuses what cannot be, by name', () => {
    expect(() => createCookieSession({} as never)).toThrow(/refresh/);
    expect(() => createCookieSession({ refresh: async () => null, csrf: {} as never })).toThrow(/csrf/);
    expect(() => createCookieSession({ refresh: async () => null, refreshTimeoutMs: 26_000 })).toThrow(
      /refreshTimeoutMs/,
    );
  });

  it('sends cookies before it is known whether there are any, and renews once for everybody', async () => {
    const { server, fetch } = makeServer();
    const refresh = vi.fn(async () => {
      server.cookie = 'live';
      return new Response(null, { status: 204 });
    });
    let csrf = 0;
    const session = createCookieSession({ refresh, csrf: { header: 'X-CSRF', token: () => `c${++csrf}` } });
    const authFetch = createAuthFetch({ baseUrl: ORIGIN, auth: session, fetch });
    const all = await Promise.all([authFetch('/a'), authFetch('/b'), authFetch('/c')]);
    expect(all.map((response) => response.status)).toEqual([200, 200, 200]);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(new Set(server.includes)).toEqual(new Set(['include']));
    expect(server.csrf).toEqual(['c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-in' });
  });

  it('asks at ready() whether somebody is signed in, and once who it is', async () => {
    const user = vi.fn(async () => ({ name: 'Ada' }));
    const session = createCookieSession({ refresh: async () => new Response('{"expires_in":60}'), user });
    expect(session.getSnapshot().status).toBe('loading');
    expect(await session.ready()).toMatchObject({ status: 'signed-in', user: { name: 'Ada' } });
    await session.refresh();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-in', user: { name: 'Ada' } });
    expect(user).toHaveBeenCalledTimes(1);
  });

  it('is signed out where the first refresh says so, and asks no more for a while', async () => {
    const { fetch } = makeServer();
    const refresh = vi.fn(async () => new Response(null, { status: 401 }));
    const session = createCookieSession({ refresh });
    const authFetch = createAuthFetch({ baseUrl: ORIGIN, auth: session, fetch });
    expect(await session.ready()).toEqual({
      status: 'signed-out',
      refreshing: false,
      user: undefined,
      cause: 'never',
    });
    expect((await authFetch('/a')).status).toBe(401);
    expect((await authFetch('/b')).status).toBe(401);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('keeps an error in a 200 from signing anybody in', async () => {
    const session = createCookieSession({ refresh: async () => new Response('{"error":"invalid_grant"}') });
    expect(await session.ready()).toMatchObject({ status: 'signed-out' });
  });

  it('says that it does not know where the refresh is unavailable', async () => {
    const session = createCookieSession({ refresh: async () => new Response(null, { status: 404 }) });
    await expect(session.ready()).rejects.toMatchObject({ code: 'refresh-misconfigured' });
    expect(session.getSnapshot().status).toBe('loading');
  });

  it('asks again who is signed in where that could not be told', async () => {
    let broken = true;
    const user = async () => {
      if (broken) throw new Error('secret text');
      return 'Ada';
    };
    const session = createCookieSession({ refresh: async () => ({}) as never, user });
    await expect(session.signIn({ expiresIn: 60 })).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(session.getSnapshot().status).toBe('loading');
    broken = false;
    expect(await session.ready()).toMatchObject({ status: 'signed-in', user: 'Ada' });
  });

  it('tells the server of a sign-out after the refresh under way, and sends no cookies from then on', async () => {
    const { server, fetch } = makeServer();
    const answer = deferred<Response>();
    const order: string[] = [];
    const session = createCookieSession({
      refresh: async () => {
        order.push('refresh');
        const response = await answer.promise;
        order.push('refreshed');
        return response;
      },
      revoke: async () => order.push('revoke'),
    });
    const authFetch = createAuthFetch({ baseUrl: ORIGIN, auth: session, fetch });
    await session.signIn({ expiresIn: 300 });
    const call = authFetch('/a');
    await vi.waitFor(() => expect(order).toEqual(['refresh']), 10_000);
    const leaving = session.signOut();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
    expect((await call).status).toBe(401);
    answer.resolve(new Response(null, { status: 204 }));
    await leaving;
    expect(order).toEqual(['refresh', 'refreshed', 'revoke']);
    server.includes.length = 0;
    await authFetch('/b');
    expect(server.includes).toEqual([undefined]);
  });

  it('cannot be signed out from inside refresh', async () => {
    let thrown: unknown;
    const session = createCookieSession({
      refresh: async () => {
        thrown = await session.signOut().catch((error: unknown) => error);
        return new Response(null, { status: 204 });
      },
    });
    await session.signIn();
    await session.refresh();
    expect(thrown).toBeInstanceOf(TypeError);
  });
});
