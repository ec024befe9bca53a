import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { deferred } from '../support/deferred.js';
import { shared } from '../support/races-handle.js';
import { idle, stateOf } from '../support/races-watch.js';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const renewedAt = () => new Response(null, { status: 204 });

/** Signed in by cookies; what happens at the server is kept in order. */
async function setup() {
  const place = shared();
  const store = place.handle();
  const answer = deferred<Response>();
  const order: string[] = [];
  const session = createCookieSession({
    refresh: async () => {
      order.push('refresh');
      const response = await answer.promise;
      order.push('refreshed');
      return response;
    },
    revoke: async () => {
      order.push('revoke');
    },
    store,
  });
  await session.signIn({ expiresIn: 300 });
  return { place, store, answer, order, session };
}

describe('cookieSession.signOut', () => {
  it('ends at once in memory, waits for the refresh under way and revokes after it', async () => {
    const { session, answer, order, place } = await setup();
    stateOf(session.refresh());
    await idle();
    const leaving = stateOf(session.signOut());
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
    await idle();
    expect(order).toEqual(['refresh']);
    answer.resolve(renewedAt());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(order).toEqual(['refresh', 'refreshed', 'revoke']);
    expect(leaving.is).toBe('resolved');
    expect(place.record?.ended).toBe('signed-out');
  });

  it('revokes inside the turn, so that no context refreshes the cookies meanwhile', async () => {
    const { session, order, place, answer } = await setup();
    answer.resolve(renewedAt());
    const other = place.handle();
    const gate = deferred();
    void other.turn(() => gate.promise);
    const leaving = stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(order).toEqual([]);
    gate.resolve();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(order).toEqual(['revoke']);
    expect(leaving.is).toBe('resolved');
  });

  it('is settled and has revoked in bounded time though the refresh hangs', async () => {
    const { session, order, place } = await setup();
    stateOf(session.refresh());
    await idle();
    const leaving = stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(leaving.is).not.toBe('pending');
    expect(order).toEqual(['refresh', 'revoke']);
    expect(place.record?.ended).toBe('signed-out');
  });

  it('is settled and has revoked in bounded time though no turn is to be had', async () => {
    const { session, order, place } = await setup();
    void place.handle().turn(() => new Promise(() => {}));
    const leaving = stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(leaving.is).not.toBe('pending');
    expect(order).toEqual(['revoke']);
    expect(place.record?.ended).toBe('signed-out');
  });

  it('rejects from inside refresh and leaves the session as it is', async () => {
    let leaving: Promise<void> | undefined;
    const session = createCookieSession({
      refresh: async () => {
        leaving = session.signOut();
        leaving.catch(() => {});
        return renewedAt();
      },
    });
    await session.signIn({ expiresIn: 300 });
    await session.refresh();
    await expect(leaving).rejects.toBeInstanceOf(TypeError);
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('does not revoke where it is told not to, and waits for the refresh all the same', async () => {
    const { session, answer, order, place } = await setup();
    stateOf(session.refresh());
    await idle();
    const leaving = stateOf(session.signOut({ revoke: false }));
    await idle();
    expect(leaving.is).toBe('pending');
    answer.resolve(renewedAt());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(leaving.is).toBe('resolved');
    expect(order).toEqual(['refresh', 'refreshed']);
    expect(place.record?.ended).toBe('signed-out');
  });
});
