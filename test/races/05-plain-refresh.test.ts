import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { createSession } from '../../src/session/session.js';
import type { Session } from '../../src/session/types.js';
import type { FetchLike } from '../../src/types.js';
import { RacePlace } from '../support/races-place.js';
import {
  API,
  flush,
  heldNow,
  pass,
  raceClock,
  record,
  tokenServer,
  tokens,
  unauthorized,
  watch,
} from '../support/races-tools.js';

const REFRESH = `${API}/auth/refresh`;

/** A server whose token endpoint must not be asked with the token that it is to replace. */
function platform(accepted = 'at-1') {
  const log: string[] = [];
  const fetch: FetchLike = async (input, init) => {
    const request = new Request(input, init);
    const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? 'plain';
    log.push(`${new URL(request.url).pathname} ${token}`);
    if (request.url === REFRESH) return Response.json(tokens(1));
    return token === accepted ? new Response('ok') : unauthorized();
  };
  return { fetch: fetch as typeof globalThis.fetch, log };
}

async function refused(session: Session) {
  await session.signIn(tokens(0));
  return session.token();
}

describe('refresh', () => {
  raceClock();

  it('is given a fetch below the corridor that the session was given', async () => {
    const { fetch, log } = platform();
    let given: FetchLike | undefined;
    const session: Session = createSession({
      fetch: (input, init) => authFetch(input, init),
      refresh: ({ fetch }) => {
        given = fetch;
        return fetch(REFRESH, { method: 'POST' });
      },
    });
    const authFetch = createAuthFetch({ baseUrl: API, auth: session, fetch });
    const direct: Session = createSession({
      fetch: authFetch,
      refresh: ({ fetch }) => {
        given = fetch;
        return fetch(REFRESH, { method: 'POST' });
      },
    });
    const late = await refused(direct);
    await direct.token({ refused: late });
    expect(given).toBe(fetch);
    expect(log).toEqual(['/auth/refresh plain']);
  });

  it('is given the lowest fetch where corridors are stacked', async () => {
    const { fetch, log } = platform();
    const lower = createAuthFetch({ baseUrl: API, auth: scheme, fetch });
    const upper = createAuthFetch({ baseUrl: API, auth: scheme, fetch: lower });
    let given: FetchLike | undefined;
    const session = createSession({
      fetch: upper,
      refresh: (context) => {
        given = context.fetch;
        return context.fetch(REFRESH);
      },
    });
    await session.token({ refused: await refused(session) });
    expect(given).toBe(fetch);
    expect(log).toEqual(['/auth/refresh plain']);
  });

  it('is given the plain fetch where a corridor has taken the place of the platform', async () => {
    const { fetch, log } = platform();
    vi.stubGlobal('fetch', fetch);
    const session: Session = createSession({ refresh: (context) => context.fetch(REFRESH) });
    vi.stubGlobal('fetch', createAuthFetch({ baseUrl: API, auth: session }));
    await session.signIn(tokens(0));
    const response = await globalThis.fetch(`${API}/me`);
    expect(response.status).toBe(200);
    expect(log).toEqual(['/me at-0', '/auth/refresh plain', '/me at-1']);
  });

  it('goes out plain where it synchronously calls the corridor of its own session', async () => {
    const { fetch, log } = platform();
    const session: Session = createSession({ refresh: () => authFetch(REFRESH, { method: 'POST' }) });
    const authFetch = createAuthFetch({ baseUrl: API, auth: session, fetch });
    await session.signIn(tokens(0));
    const call = watch(authFetch(`${API}/me`));
    await flush();
    expect(log).toEqual(['/me at-0', '/auth/refresh plain', '/me at-1']);
    expect(call.value?.status).toBe(200);
  });

  it('goes out plain on its second try too, and in acquire', async () => {
    const { fetch, log } = platform();
    let tries = 0;
    const session: Session = createSession({
      acquire: () => {
        if (++tries === 1) throw new TypeError('fetch failed');
        return authFetch(REFRESH, { method: 'POST' });
      },
    });
    const authFetch = createAuthFetch({ baseUrl: API, auth: session, fetch });
    const call = watch(authFetch(`${API}/me`));
    await pass(1_000);
    expect(call.value?.status).toBe(200);
    expect(log).toEqual(['/auth/refresh plain', '/me at-1']);
  });

  it("is no exception: a `revoke` of discarded tokens goes out without the next user's credentials", async () => {
    const { fetch, log } = platform();
    const place = new RacePlace(record(0));
    const server = tokenServer();
    const session: Session = createSession({
      refresh: server.ask,
      revoke: () => authFetch(`${API}/revoke`, { method: 'POST' }),
      store: place.handle(),
    });
    const authFetch = createAuthFetch({ baseUrl: API, auth: session, fetch });
    watch(session.token({ refused: await session.token() }));
    await flush();
    place.put(record(7, { id: 'bob', revision: 9 }));
    server.request(0).answer(tokens(1));
    await flush();
    expect(heldNow(session)).toBe('at-7');
    expect(log).toEqual(['/revoke plain']);
  });

  it('has a 401 of its own plain call delivered, and answered by no refresh', async () => {
    const log: string[] = [];
    let asked = 0;
    const session: Session = createSession({
      refresh: () => {
        asked++;
        return authFetch(REFRESH, { method: 'POST' });
      },
    });
    const authFetch = createAuthFetch({
      baseUrl: API,
      auth: session,
      fetch: async (input) => {
        log.push(String(input));
        return unauthorized();
      },
    });
    const late = await refused(session);
    await expect(session.token({ refused: late })).rejects.toMatchObject({ code: 'refresh-rejected' });
    expect(asked).toBe(1);
    expect(log).toEqual([REFRESH]);
  });

  it('lets a call that begins after it has returned its promise carry credentials again', async () => {
    const { fetch, log } = platform('at-0');
    const server = tokenServer();
    const session: Session = createSession({ refresh: server.ask });
    const authFetch = createAuthFetch({ baseUrl: API, auth: session, fetch });
    await session.signIn(tokens(0));
    await pass(250_000);
    const soft = watch(authFetch(`${API}/me`));
    const beside = watch(authFetch(`${API}/me`));
    await flush();
    expect(server.asked).toHaveLength(1);
    expect([soft.state, beside.state]).toEqual(['fulfilled', 'fulfilled']);
    expect(log).toEqual(['/me at-0', '/me at-0']);
  });

  it('leaves no trace where it throws at once: the next call carries credentials', async () => {
    const { fetch, log } = platform('at-0');
    const session: Session = createSession({
      refresh: () => {
        throw new RangeError('a bug');
      },
    });
    const authFetch = createAuthFetch({ baseUrl: API, auth: session, fetch });
    await expect(session.token({ refused: await refused(session) })).rejects.toMatchObject({
      code: 'refresh-unavailable',
    });
    await authFetch(`${API}/me`);
    expect(log).toEqual(['/me at-0']);
  });

  it("keeps another session's credentials on what it calls through its corridor", async () => {
    const { fetch, log } = platform('at-7');
    const service = createSession();
    await service.signIn(tokens(7));
    const other = createAuthFetch({ baseUrl: API, auth: service, fetch });
    const session = createSession({ refresh: () => other(`${API}/auth/refresh`) });
    await session.token({ refused: await refused(session) });
    expect(log).toEqual(['/auth/refresh at-7']);
  });

  it('may sign out from inside, at once or later, without a deadlock', async () => {
    for (const later of [false, true]) {
      const revoked: (string | undefined)[] = [];
      const session: Session = createSession({
        revoke: async ({ held }) => revoked.push(held.accessToken),
        refresh: async () => {
          if (later) await Promise.resolve();
          await session.signOut();
          return tokens(1);
        },
      });
      const waiting = watch(session.token({ refused: await refused(session) }));
      await flush();
      expect(waiting.error).toMatchObject({ code: 'signed-out' });
      expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
      expect(revoked).toEqual(['at-0', 'at-1']);
    }
  });

  it('may not sign a cookie session out from inside: TypeError', async () => {
    let thrown: Promise<unknown> | undefined;
    const session = createCookieSession({
      refresh: async () => {
        thrown = session.signOut().catch((error: unknown) => error);
        return {} as never;
      },
    });
    await session.signIn();
    await session.refresh();
    expect(await thrown).toBeInstanceOf(TypeError);
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-in' });
  });
});

const scheme = { name: 'test', credentials: () => ({ headers: { Authorization: 'Bearer other' } }) };
