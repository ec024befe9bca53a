import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { idle, rotation, stateOf, tokensOf } from '../support/races-watch.js';

const baseUrl = 'https://api.example.com/';
const T0 = 1_800_000_000_000;
const expired = { mintedAt: T0 - 300_000, expiresAt: T0 - 1 };

beforeEach(() => {
  vi.useFakeTimers({ now: T0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const dead = () => null;
const refusing = () => vi.fn(async (_: unknown, __?: RequestInit) => new Response('why', { status: 401 }));
const authorizationOf = (init?: RequestInit) => new Headers(init?.headers).get('authorization');

/** A session whose refresh answers by hand, and an auth fetch over it. */
function setup(about: Parameters<typeof recordOf>[0] = {}, send = refusing()) {
  const answer = deferred<unknown>();
  const refresh = vi.fn(() => answer.promise as Promise<null>);
  const session = createSession({ refresh, store: shared(recordOf(about)).handle() });
  const authFetch = createAuthFetch({ baseUrl, auth: session, fetch: send });
  return { answer, refresh, session, authFetch, send };
}

describe('createAuthFetch: begun before the end and never sent', () => {
  it('rejects with SignedOutError where somebody signs out meanwhile', async () => {
    const { session, authFetch, send } = setup(expired);
    const call = stateOf(authFetch(`${baseUrl}a`));
    await idle();
    await session.signOut();
    await idle();
    expect(call.error).toMatchObject({ code: 'signed-out', signInRequired: true });
    expect(send).toHaveBeenCalledTimes(0);
  });

  it('rejects with RefreshRejectedError where the refresh token turns out to be dead', async () => {
    const { answer, authFetch, send } = setup(expired);
    const calls = [1, 2, 3].map(() => stateOf(authFetch(`${baseUrl}a`)));
    await idle();
    answer.resolve(dead());
    await idle();
    for (const { error } of calls)
      expect(error).toMatchObject({ code: 'refresh-rejected', signInRequired: true });
    expect(send).toHaveBeenCalledTimes(0);
  });

  it('rejects with RefreshUnavailableError where the time is up, and is not sent later', async () => {
    const { answer, authFetch, send } = setup(expired);
    const call = stateOf(authFetch(`${baseUrl}a`));
    await vi.advanceTimersByTimeAsync(8_000);
    expect(call.error).toMatchObject({ code: 'refresh-unavailable', signInRequired: false });
    answer.resolve(tokensOf('anna', 2));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(send).toHaveBeenCalledTimes(0);
  });
});

describe('createAuthFetch: sent and refused', () => {
  it('delivers where the refresh token turns out to be dead', async () => {
    const { answer, authFetch, send } = setup();
    const call = stateOf(authFetch(`${baseUrl}a`));
    await idle();
    answer.resolve(dead());
    await idle();
    expect(call.value?.status).toBe(401);
    expect(await call.value?.text()).toBe('why');
    expect(outcomeOf(call.value as Response)).toMatchObject({ signInRequired: true, sendings: 1 });
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('delivers where somebody signs out while it waits', async () => {
    const { session, authFetch } = setup();
    const call = stateOf(authFetch(`${baseUrl}a`));
    await idle();
    await session.signOut();
    await idle();
    expect(call.value?.status).toBe(401);
    expect(outcomeOf(call.value as Response)).toMatchObject({
      reason: 'session-ended',
      signInRequired: true,
    });
  });

  it.each([
    ['unavailable', () => new Response('', { status: 503 }), 'refresh-unavailable'],
    [
      'misconfigured',
      () => Response.json({ error: 'invalid_client' }, { status: 401 }),
      'refresh-misconfigured',
    ],
    ['garbage', () => new Response('<html>'), 'token-response'],
    ['garbage of another kind', () => ({ user: 'anna' }), 'token-response'],
  ])('throws that error where the refresh is %s', async (_, renewed, code) => {
    const send = refusing();
    const session = createSession({
      refresh: async () => renewed() as Response,
      store: shared(recordOf()).handle(),
    });
    const calls = [1, 2, 3].map(() =>
      stateOf(createAuthFetch({ baseUrl, auth: session, fetch: send })(`${baseUrl}a`)),
    );
    await vi.advanceTimersByTimeAsync(8_000);
    for (const { error } of calls) expect(error).toMatchObject({ code, signInRequired: false });
    expect(new Set(calls.map(({ error }) => error)).size).toBe(1);
    expect(send).toHaveBeenCalledTimes(3);
    expect(session.getSnapshot().status).toBe('signed-in');
  });
});

describe('session.token: refused and undelivered', () => {
  it('throws RefreshUnavailableError with the instant from which a refusal is believed again', async () => {
    const refresh = rotation();
    const session = createSession({ refresh, store: shared(recordOf()).handle() });
    const refused = await session.token({ refused: await session.token() });
    const { retryAt, code } = await session.token({ refused }).catch((error) => error);
    expect(code).toBe('refresh-unavailable');
    expect(retryAt).toBeGreaterThan(T0);
    vi.setSystemTime(retryAt - 1);
    await expect(session.token({ refused })).rejects.toMatchObject({ retryAt });
    expect(refresh).toHaveBeenCalledTimes(1);
    vi.setSystemTime(retryAt);
    expect((await session.token({ refused })).accessToken).toBe('anna-at-3');
  });

  it('throws it with the instant at which the budget is open again', async () => {
    const refresh = rotation();
    const refusals = [50, 40, 30, 20, 10].map((s) => T0 - s * 1_000);
    const session = createSession({ refresh, store: shared(recordOf({ refusals })).handle() });
    const refused = await session.token();
    await expect(session.token({ refused })).rejects.toMatchObject({
      code: 'refresh-unavailable',
      retryAt: T0 + 10_000,
    });
    expect(refresh).toHaveBeenCalledTimes(0);
    vi.setSystemTime(T0 + 10_000);
    expect((await session.token({ refused })).accessToken).toBe('anna-at-2');
  });

  it('throws it without an instant where no time will help', async () => {
    const store = Object.assign(shared(recordOf()).handle(), { readOnly: true as const });
    for (const session of [createSession({ store }), createSession({ store: shared(recordOf()).handle() })]) {
      const refused = await session.token();
      await expect(session.token({ refused })).rejects.toMatchObject({
        code: 'refresh-unavailable',
        retryAt: undefined,
      });
    }
  });

  it('throws why the session ended where it did', async () => {
    const { session, answer } = setup();
    const refused = await session.token();
    const call = stateOf(session.token({ refused }));
    await idle();
    answer.resolve(dead());
    await idle();
    expect(call.error).toMatchObject({ code: 'refresh-rejected' });
  });
});

describe('createAuthFetch: begun after the end', () => {
  it.each(['signed out', 'rejected', 'never signed in'])('is sent without credentials: %s', async (how) => {
    const place = shared(how === 'never signed in' ? undefined : recordOf());
    const refresh = vi.fn(async () => null);
    const session = createSession({ refresh, store: place.handle() });
    if (how === 'signed out') await session.signOut();
    if (how === 'rejected') await session.token({ refused: await session.token() }).catch(() => {});
    await session.ready();
    refresh.mockClear();
    const send = refusing();
    const response = await createAuthFetch({ baseUrl, auth: session, fetch: send })(`${baseUrl}a`);
    expect(outcomeOf(response)).toMatchObject({ reason: 'signed-out', signInRequired: true, sendings: 1 });
    expect(authorizationOf(send.mock.calls[0]?.[1])).toBeNull();
    expect(send).toHaveBeenCalledTimes(1);
    expect(refresh).toHaveBeenCalledTimes(0);
    await expect(session.token()).rejects.toMatchObject({ code: 'signed-out' });
  });

  it('acquires nothing for calls after a sign-out: only signIn does', async () => {
    const acquire = rotation('robot');
    const session = createSession({ acquire, store: shared(recordOf()).handle() });
    await session.signOut();
    const send = refusing();
    const authFetch = createAuthFetch({ baseUrl, auth: session, fetch: send });
    for (let i = 0; i < 10; i++) {
      expect(outcomeOf(await authFetch(`${baseUrl}a`))?.reason).toBe('signed-out');
      await vi.advanceTimersByTimeAsync(60_000);
    }
    expect(acquire).toHaveBeenCalledTimes(0);
    await session.signIn();
    expect((await session.token()).accessToken).toBe('robot-at-2');
    expect(acquire).toHaveBeenCalledTimes(1);
  });
});
