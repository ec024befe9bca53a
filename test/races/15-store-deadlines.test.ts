import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { idle, rotation, stateOf, tokensOf } from '../support/races-watch.js';

const T0 = 1_800_000_000_000;
const baseUrl = 'https://api.example.com/';
const never = () => new Promise(() => {});

const unhandled: unknown[] = [];
const note = (error: unknown) => unhandled.push(error);

beforeEach(() => {
  vi.useFakeTimers({ now: T0 });
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  vi.useRealTimers();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

class ClientError extends Error {
  readonly command = ['SET', 'session', 'anna-rt-1'];
}

function failing(kind: string): () => unknown {
  if (kind === 'throws')
    return () => {
      throw new ClientError('anna-rt-1');
    };
  if (kind === 'rejects') return () => Promise.reject(new ClientError('anna-rt-1'));
  return never;
}

const kinds = ['throws', 'rejects', 'hangs'];

describe('createSession: a load that fails', () => {
  it.each(kinds)('is RefreshUnavailableError where it %s, and the next call tries again', async (kind) => {
    const store = shared(recordOf()).handle();
    const events: SessionEvent[] = [];
    store.beforeLoad = failing(kind);
    const acquire = rotation('robot');
    const session = createSession({ refresh: rotation(), acquire, store, observe: (e) => events.push(e) });
    const waits = [session.token(), session.ready(), session.refresh()].map((call) => stateOf<unknown>(call));
    await vi.advanceTimersByTimeAsync(3_000);
    for (const { is, error } of waits) {
      expect(is).toBe('rejected');
      expect(error).toMatchObject({ code: 'refresh-unavailable', signInRequired: false });
      expect(String(error) + JSON.stringify(error) + String((error as Error).cause)).not.toContain('anna-rt');
    }
    // never "nobody is signed in"
    expect(session.getSnapshot().status).toBe('loading');
    expect(events).toEqual([]);
    expect(acquire).toHaveBeenCalledTimes(0);
    store.beforeLoad = undefined;
    expect((await session.token()).accessToken).toBe('anna-at-1');
  });

  it('waits three seconds and not less', async () => {
    const store = shared(recordOf()).handle();
    store.beforeLoad = never;
    const waiting = stateOf(createSession({ store }).token());
    await vi.advanceTimersByTimeAsync(2_999);
    expect(waiting.is).toBe('pending');
    await vi.advanceTimersByTimeAsync(1);
    expect(waiting.is).toBe('rejected');
  });

  it('brings nothing when it ends after its deadline', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const late = deferred<void>();
    store.beforeLoad = () => late.promise;
    const session = createSession({ store });
    const first = stateOf(session.token());
    await vi.advanceTimersByTimeAsync(3_000);
    expect(first.is).toBe('rejected');
    place.record = recordOf({ id: 'bob', revision: 2, tokens: { accessToken: 'bob-at-1' } });
    store.beforeLoad = undefined;
    expect((await session.token()).accessToken).toBe('bob-at-1');
    late.resolve();
    await idle();
    expect((await session.token()).accessToken).toBe('bob-at-1');
  });

  it('is nobody’s accident when it rejects after its deadline', async () => {
    const store = shared(recordOf()).handle();
    const late = deferred<void>();
    store.beforeLoad = () => late.promise;
    const session = createSession({ store });
    const stop = session.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(3_000);
    late.reject(new ClientError());
    await idle();
    stop();
    expect(session.getSnapshot().status).toBe('loading');
  });

  it.each(kinds)('begins no refresh where it %s inside the turn', async (kind) => {
    const store = shared(recordOf()).handle();
    const refresh = rotation();
    const session = createSession({ refresh, store });
    const refused = await session.token();
    store.beforeLoad = failing(kind);
    const waiting = stateOf(session.token({ refused }));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(refresh).toHaveBeenCalledTimes(0);
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('is none where only the watching fails: the session does without', async () => {
    const store = shared(recordOf()).handle();
    store.watch = () => {
      throw new ClientError('anna-rt-1');
    };
    const session = createSession({ store });
    expect((await session.token()).accessToken).toBe('anna-at-1');
    await session.close();
  });
});

describe('createAuthFetch: a load that fails', () => {
  it.each(kinds)('sends nothing, least of all anonymously, where it %s', async (kind) => {
    const store = shared(recordOf()).handle();
    store.beforeLoad = failing(kind);
    const send = vi.fn(async () => new Response('ok'));
    for (const auth of [
      createSession({ refresh: rotation(), acquire: rotation(), store }),
      createCookieSession({ refresh: async () => new Response(null, { status: 204 }), store }),
    ]) {
      const authFetch = createAuthFetch({ baseUrl, auth, fetch: send });
      const calls = [authFetch(`${baseUrl}a`), authFetch(new Request(`${baseUrl}a`, { method: 'POST' }))].map(
        stateOf,
      );
      await vi.advanceTimersByTimeAsync(3_000);
      for (const { error } of calls) expect(error).toMatchObject({ code: 'refresh-unavailable' });
    }
    expect(send).toHaveBeenCalledTimes(0);
  });
});

describe('createSession: a save that fails', () => {
  it.each(kinds)('posts nothing where it %s before the refresh', async (kind) => {
    const store = shared(recordOf()).handle();
    const refresh = rotation();
    const session = createSession({ refresh, store });
    const refused = await session.token();
    store.beforeSave = failing(kind);
    const waiting = stateOf(session.token({ refused }));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it.each(kinds)('keeps the new tokens in memory and says so where it %s afterwards', async (kind) => {
    const place = shared(recordOf());
    const store = place.handle();
    const told: string[] = [];
    const session = createSession({ refresh: rotation(), store, observe: ({ type }) => told.push(type) });
    const refused = await session.token();
    store.beforeSave = (next) => (next.generation > 1 ? failing(kind)() : undefined);
    const waiting = stateOf(session.token({ refused }));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(waiting.is).not.toBe('pending');
    expect((await session.token()).accessToken).toBe('anna-at-2');
    expect(told).toContain('save-failed');
    expect(told).toContain('store-degraded');
    expect(place.record?.tokens?.accessToken).toBe('anna-at-1');
  });

  it.each(kinds)('frees who signs in or out after five seconds where it %s', async (kind) => {
    const place = shared();
    const store = place.handle();
    store.beforeSave = failing(kind);
    const session = createSession({ store });
    const signingIn = stateOf(session.signIn(tokensOf('anna', 1)));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(signingIn.error).toMatchObject({ code: 'refresh-unavailable' });
    expect((await session.token()).accessToken).toBe('anna-at-1');
    const signingOut = stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(signingOut.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(session.getSnapshot().status).toBe('signed-out');
    await session.close();
  });
});
