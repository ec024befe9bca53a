import { describe, expect, it, vi } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import { createSession } from '../../src/session/session.js';
import { RacePlace } from '../support/races-place.js';
import {
  API,
  corridor,
  flush,
  pass,
  raceClock,
  record,
  resource,
  tokenServer,
  tokens,
  watch,
} from '../support/races-tools.js';

/** Longer than any of these schedules: no window opens. */
const TOMORROW = Date.UTC(2026, 0, 2);

function context(place = new RacePlace(record(0, { expiresAt: TOMORROW })), timeoutMs?: number) {
  const store = place.handle();
  const server = tokenServer();
  const events: SessionEvent[] = [];
  const session = createSession({
    refresh: server.ask,
    store,
    refreshTimeoutMs: timeoutMs,
    observe: (event) => events.push(event),
  });
  const failures = () => events.flatMap((event) => (event.type === 'refresh-failed' ? [event.reason] : []));
  return { place, store, server, session, failures };
}

describe('deadlines', () => {
  raceClock();

  it('release every waiter after 8 s with one typed error', async () => {
    const { server, session } = context();
    const api = resource(() => false);
    const calls = Array.from({ length: 10 }, () => watch(corridor(session, api)(`${API}/me`)));
    await pass(7_999);
    expect(calls.map(({ state }) => state)).toEqual(Array(10).fill('pending'));
    await pass(1);
    expect(calls.map(({ state }) => state)).toEqual(Array(10).fill('rejected'));
    expect(calls[0]?.error).toMatchObject({ code: 'refresh-unavailable', signInRequired: false });
    expect(new Set(calls.map(({ error }) => error)).size).toBe(1);
    expect(server.asked).toHaveLength(1);
  });

  it('give every waiter a timer of its own', async () => {
    const { session } = context();
    const refused = await session.token();
    const first = watch(session.token({ refused }));
    await pass(4_000);
    const second = watch(session.refresh());
    await pass(4_000);
    expect([first.state, second.state]).toEqual(['rejected', 'pending']);
    await pass(3_999);
    expect(second.state).toBe('pending');
    await pass(1);
    expect(second.state).toBe('rejected');
  });

  it('let the flight keep its turn and commit late', async () => {
    const { place, store, server, session } = context();
    const refused = await session.token();
    const waiting = watch(session.token({ refused }));
    await pass(8_000);
    expect(waiting.state).toBe('rejected');
    expect(server.request(0).context.signal.aborted).toBe(false);
    expect(store.holding).toBe(1);
    await pass(21_999);
    expect(server.request(0).context.signal.aborted).toBe(false);
    server.request(0).answer(tokens(1));
    await flush();
    expect(place.record?.tokens?.accessToken).toBe('at-1');
    expect((await session.token()).accessToken).toBe('at-1');
    expect(store.holding).toBe(0);
    expect(server.asked).toHaveLength(1);
  });

  it('abort the request 30 s after the turn began, and call the answer lost', async () => {
    const { store, server, session, failures } = context();
    const refused = await session.token();
    watch(session.token({ refused }));
    await pass(29_999);
    expect(server.request(0).context.signal.aborted).toBe(false);
    expect(failures()).toEqual([]);
    await pass(1);
    expect(server.request(0).context.signal.aborted).toBe(true);
    expect(failures()).toEqual(['lost-response']);
    expect(store.holding).toBe(0);
    expect(session.getSnapshot().status).toBe('signed-in');
    server.request(0).fail(new DOMException('aborted', 'AbortError'));
    await flush();
    expect(failures()).toEqual(['lost-response']);
    expect(server.asked).toHaveLength(1);
  });

  it('count the 30 s from the turn, not from the call', async () => {
    const { place, server, session } = context();
    const refused = await session.token();
    const giveBack = place.occupy();
    watch(session.token({ refused }));
    await pass(5_000);
    giveBack();
    await pass(29_999);
    expect(server.request(0).context.signal.aborted).toBe(false);
    await pass(1);
    expect(server.request(0).context.signal.aborted).toBe(true);
  });

  it('bound the wait for a turn by 8 s of its own', async () => {
    const { place, session, server } = context();
    const refused = await session.token();
    place.occupy();
    const waiting = watch(session.token({ refused }));
    await pass(7_999);
    expect(session.getSnapshot()).toMatchObject({ refreshing: true });
    await pass(1);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-in', refreshing: false });
    expect(server.asked).toHaveLength(0);
  });

  it('let a turn that comes too late do nothing', async () => {
    const { place, store, session, server } = context();
    const refused = await session.token();
    store.deaf = true;
    const giveBack = place.occupy();
    watch(session.token({ refused }));
    await pass(8_000);
    const { loads } = store;
    giveBack();
    await flush();
    expect(store.holding).toBe(0);
    expect(store.loads).toBe(loads);
    expect(store.saves).toHaveLength(0);
    expect(server.asked).toHaveLength(0);
  });

  it('hold for a store that gives no turn at all, or refuses one', async () => {
    const { store, session } = context();
    const refused = await session.token();
    store.onTurn = 'never';
    const never = watch(session.token({ refused }));
    await pass(8_000);
    expect(never.error).toMatchObject({ code: 'refresh-unavailable' });
    await pass(60_000);
    store.onTurn = () => Promise.reject(new Error('redis: AUTH hunter2'));
    const broken = watch(session.token({ refused }));
    await flush();
    expect(broken.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(JSON.stringify([broken.error, String(broken.error)])).not.toContain('hunter2');
  });

  it('retry what failed, and not what is slow', async () => {
    const { server, session } = context();
    const refused = await session.token();
    const waiting = watch(session.token({ refused }));
    await flush();
    server.request(0).answer(new Response(null, { status: 503 }));
    await pass(1_000);
    expect(server.asked).toHaveLength(2);
    server.request(1).fail(new TypeError('fetch failed'));
    await pass(1_000);
    expect(server.asked).toHaveLength(3);
    await pass(5_000);
    expect(server.asked).toHaveLength(3);
    server.request(2).answer(tokens(1));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-0', 'rt-0', 'rt-0']);
  });

  it('retry nothing that failed when no time is left for its callers', async () => {
    const { server, session } = context();
    const refused = await session.token();
    const waiting = watch(session.token({ refused }));
    await pass(7_990);
    server.request(0).answer(new Response(null, { status: 503 }));
    await flush();
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    await pass(5_000);
    expect(server.asked).toHaveLength(1);
  });

  it('free a turn past its end for the next context, which reads again', async () => {
    const place = new RacePlace(record(0, { expiresAt: TOMORROW }));
    const [slow, next] = [context(place), context(place)];
    const refused = await slow.session.token();
    await next.session.token();
    watch(slow.session.token({ refused }));
    await pass(25_000);
    const waiting = watch(next.session.token({ refused }));
    await flush();
    expect(next.server.asked).toHaveLength(0);
    const { loads } = next.store;
    await pass(5_000);
    expect(next.store.loads).toBe(loads + 1);
    expect(next.server.asked.map(({ posted }) => posted)).toEqual(['rt-0']);
    next.server.request(0).answer(tokens(1));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
  });

  it('save an answer that comes after the turn has ended, by compare-and-set', async () => {
    const { place, server, session } = context();
    const refused = await session.token();
    watch(session.token({ refused }));
    await pass(30_000);
    server.request(0).answer(tokens(1));
    await flush();
    expect(place.record?.tokens?.refreshToken).toBe('rt-1');
    expect((await session.token()).accessToken).toBe('at-1');
  });

  it('leave no timer behind once everybody is told', async () => {
    const { server, session } = context();
    const refused = await session.token();
    const waiting = session.token({ refused });
    await flush();
    server.request(0).answer(tokens(1));
    await waiting;
    await flush();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('follow refreshTimeoutMs', async () => {
    const { place, session } = context(undefined, 1_000);
    const refused = await session.token();
    place.occupy();
    const waiting = watch(session.token({ refused }));
    await pass(999);
    expect(waiting.state).toBe('pending');
    await pass(1);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
  });

  it.each([25_001, 0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuse refreshTimeoutMs: %s', (ms) => {
    expect(() => createSession({ refreshTimeoutMs: ms })).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('refreshTimeoutMs') }),
    );
    expect(() => createSession({ refreshTimeoutMs: 25_000 })).not.toThrow();
  });
});
