import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sessionCore } from '../../src/protocol/session-core.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { createSession } from '../../src/session/session.js';
import type { Session } from '../../src/session/types.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { idle, rotation, stateOf, tokensOf } from '../support/races-watch.js';

const T0 = 1_800_000_000_000;
const LONGEST_TIMER = 2 ** 31 - 1;

beforeEach(() => {
  vi.useFakeTimers({ now: T0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What a request would send now; a promise where it waits. */
function current(session: Session) {
  const core = session[sessionCore];
  return core.current(core.begin());
}

describe('createSession: windows are a share of the life', () => {
  it.each([
    // life, soft window, hard window, all in seconds
    [3_600, 60, 5],
    [300, 60, 5],
    [100, 20, 5],
    [60, 12, 5],
    [20, 4, 2],
    [5, 1, 0.5],
    [2, 0.4, 0.2],
  ])('of %d s the last %d s are soft and the last %d s hard', async (life, soft, hard) => {
    const answer = deferred<ReturnType<typeof tokensOf>>();
    const refresh = vi.fn(() => answer.promise);
    const session = createSession({ refresh });
    await session.signIn(tokensOf('anna', 1, life));

    vi.setSystemTime(T0 + (life - soft) * 1_000 - 1);
    expect(current(session)).toMatchObject({ accessToken: 'anna-at-1' });
    await idle();
    expect(refresh).toHaveBeenCalledTimes(0);

    vi.setSystemTime(T0 + (life - soft) * 1_000);
    expect(current(session)).toMatchObject({ accessToken: 'anna-at-1' });
    await idle();
    expect(refresh).toHaveBeenCalledTimes(1);

    vi.setSystemTime(T0 + (life - hard) * 1_000 - 1);
    expect(current(session)).toMatchObject({ accessToken: 'anna-at-1' });

    vi.setSystemTime(T0 + (life - hard) * 1_000);
    const waiting = stateOf(current(session));
    await idle();
    expect(waiting.is).toBe('pending');
    answer.resolve(tokensOf('anna', 2, life));
    await idle();
    expect(waiting.value).toMatchObject({ accessToken: 'anna-at-2' });
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['expired when received', { expires_in: 0 }],
    ['of unknown life', {}],
  ])('gives a token %s to everybody, and only a refusal replaces it', async (_, life) => {
    const refresh = rotation('anna');
    const session = createSession({ refresh });
    await session.signIn({ access_token: 'anna-at-1', refresh_token: 'anna-rt-1', ...life });
    for (const hours of [0, 1, 1_000]) {
      vi.setSystemTime(T0 + hours * 3_600_000);
      expect(current(session)).toMatchObject({ accessToken: 'anna-at-1' });
      expect((await session.token({ validForMs: 60_000 })).accessToken).toBe('anna-at-1');
    }
    expect(refresh).toHaveBeenCalledTimes(0);
    const refused = await session.token();
    expect((await session.token({ refused })).accessToken).toBe('anna-at-2');
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('tries once a token that arrived expired for an expired one', async () => {
    const refresh = rotation('anna', 0);
    const session = createSession({ refresh });
    await session.signIn(tokensOf('anna', 1, 300));
    vi.setSystemTime(T0 + 400_000);
    const all = await Promise.all([session.token(), session.token()]);
    expect(all.map((token) => token.accessToken)).toEqual(['anna-at-2', 'anna-at-2']);
    expect((await session.token()).accessToken).toBe('anna-at-2');
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it.each([
    [0, 0],
    [2, 38],
    [5, 15],
    [60, 2],
  ])(
    'asks for lives of %d s no more than %d times in a minute of ten requests a second',
    async (life, most) => {
      const refresh = rotation('anna', life);
      const session = createSession({ refresh });
      await session.signIn(tokensOf('anna', 1, life));
      for (let i = 0; i < 600; i++) {
        const held = await current(session);
        expect(held).toBeDefined();
        await vi.advanceTimersByTimeAsync(100);
      }
      expect(refresh.mock.calls.length).toBeLessThanOrEqual(most);
      expect(refresh.mock.calls.length).toBeGreaterThanOrEqual(life === 0 ? 0 : Math.floor(60 / life));
    },
  );
});

describe('createSession: the clock jumps', () => {
  it('has no windows for a token minted in the future, and believes its refusal', async () => {
    const refresh = rotation('anna', 300);
    const session = createSession({ refresh });
    await session.signIn(tokensOf('anna', 1, 300));
    const first = await session.token();
    const second = await session.token({ refused: first });
    vi.setSystemTime(T0 - 3_600_000);
    expect(current(session)).toMatchObject({ accessToken: 'anna-at-2' });
    expect((await session.token({ validForMs: 10_000_000 })).accessToken).toBe('anna-at-2');
    expect(refresh).toHaveBeenCalledTimes(1);
    // in the future is not young: though it replaced a refused one, this refusal begins a refresh
    expect((await session.token({ refused: second })).accessToken).toBe('anna-at-3');
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('takes no record of the future for expired, whatever another clock has written', async () => {
    const refresh = rotation('anna', 300);
    const place = shared(recordOf({ mintedAt: T0 + 7_200_000, expiresAt: T0 + 7_500_000 }));
    const session = createSession({ refresh, store: place.handle() });
    expect(current(session)).toMatchObject({ accessToken: 'anna-at-1' });
    await idle();
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it.each([
    ['a cooldown', { notBefore: T0 + 3_600_000 }],
    ['a budget', { refusals: [1, 2, 3, 4, 5].map((n) => T0 + 3_600_000 + n) }],
  ])('ignores %s that only a clock gone wrong can have written', async (_, about) => {
    const refresh = rotation();
    const place = shared(recordOf(about));
    const session = createSession({ refresh, store: place.handle() });
    const refused = await session.token();
    expect((await session.token({ refused })).accessToken).toBe('anna-at-2');
    expect(refresh).toHaveBeenCalledTimes(1);
  });
});

describe('createSession: a laptop slept', () => {
  it('asks once for everybody, and nobody gets the expired token', async () => {
    const refresh = rotation('anna', 300);
    let resume = () => {};
    const session = createSession({
      refresh,
      store: memoryStore(tokensOf('anna', 1, 300)),
      onResume: (call) => {
        resume = call;
        return () => {};
      },
    });
    await session.ready();
    vi.setSystemTime(T0 + 8 * 3_600_000);
    resume();
    const all = await Promise.all(Array.from({ length: 50 }, () => session.token()));
    expect(new Set(all.map((token) => token.accessToken))).toEqual(new Set(['anna-at-2']));
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('asks once for all contexts that wake together', async () => {
    const place = shared(recordOf({ mintedAt: T0 - 300_000, expiresAt: T0 - 1 }));
    const refresh = rotation('anna', 300);
    const sessions = [1, 2, 3].map(() => createSession({ refresh, store: place.handle() }));
    const all = await Promise.all(sessions.map((session) => session.token()));
    expect(all.map((token) => token.accessToken)).toEqual(['anna-at-2', 'anna-at-2', 'anna-at-2']);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('fails rather than give the expired token, and storms nobody while the network comes back', async () => {
    const refresh = vi.fn(async () => new Response('', { status: 503, headers: { 'retry-after': '20' } }));
    const session = createSession({ refresh });
    await session.signIn(tokensOf('anna', 1, 300));
    vi.setSystemTime(T0 + 8 * 3_600_000);
    for (let i = 0; i < 100; i++) {
      await expect(session.token()).rejects.toMatchObject({
        code: 'refresh-unavailable',
        retryAt: T0 + 8 * 3_600_000 + 20_000,
      });
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(session.getSnapshot().status).toBe('signed-in');
  });
});

describe('createSession: timers', () => {
  it.each([
    ['a token that lives a hundred years', 100 * 365 * 86_400],
    ['a token that lives for ever', Number.MAX_VALUE],
  ])('sets none beyond 24.8 days for %s', async (_, life) => {
    const timer = vi.spyOn(globalThis, 'setTimeout');
    const refresh = rotation('anna', life);
    const session = createSession({ refresh });
    await session.signIn(tokensOf('anna', 1, life));
    const refused = await session.token({ validForMs: Number.MAX_VALUE });
    await session.token({ refused: await session.token() });
    await session.token({ refused });
    expect(timer.mock.calls.length).toBeGreaterThan(0);
    for (const [, ms] of timer.mock.calls) expect(ms).toBeLessThanOrEqual(LONGEST_TIMER);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('leaves none behind when nothing is under way', async () => {
    const session = createSession({ refresh: rotation('anna', 300) });
    await session.signIn(tokensOf('anna', 1, 300));
    await session.token({ refused: await session.token() });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('cuts a Retry-After of a century to five minutes', async () => {
    const refresh = vi.fn(
      async () => new Response('', { status: 429, headers: { 'retry-after': '3153600000' } }),
    );
    const session = createSession({ refresh });
    await session.signIn(tokensOf('anna', 1));
    const refused = await session.token();
    await expect(session.token({ refused })).rejects.toMatchObject({ retryAt: T0 + 300_000 });
    expect(refresh).toHaveBeenCalledTimes(1);
  });
});
