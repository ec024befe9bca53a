import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { shared } from '../support/races-handle.js';
import { idle, stateOf, tokensOf } from '../support/races-watch.js';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Nobody is signed in, and an acquire answers by hand. */
async function setup() {
  const place = shared();
  const store = place.handle();
  const answer = deferred<ReturnType<typeof tokensOf>>();
  const acquire = vi.fn(() => answer.promise);
  const revoked: (string | undefined)[] = [];
  const session = createSession({
    acquire,
    store,
    revoke: async ({ held }) => revoked.push(held.refreshToken),
  });
  const waiting = stateOf(session.token());
  await idle();
  expect(acquire).toHaveBeenCalledTimes(1);
  return { place, store, answer, session, waiting, revoked };
}

describe('session.signOut: an acquire is under way', () => {
  it('discards and revokes what it brings', async () => {
    const { session, answer, place, waiting, revoked } = await setup();
    await session.signOut();
    answer.resolve(tokensOf('robot', 1));
    await idle();
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect(revoked).toEqual(['robot-rt-1']);
    expect(place.record?.tokens).toBeUndefined();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
  });

  it.each(['before', 'after'])('ends what it saves %s the sign-out has looked', async (when) => {
    const { session, store, answer, place, waiting, revoked } = await setup();
    const gate = deferred();
    store.beforeSave = ({ ended }) => (ended ? undefined : gate.promise);
    answer.resolve(tokensOf('robot', 1));
    await idle();
    if (when === 'before') gate.resolve();
    const leaving = stateOf(session.signOut());
    await idle();
    gate.resolve();
    await vi.advanceTimersByTimeAsync(2_000);
    store.tell();
    await idle();
    expect(leaving.is).toBe('resolved');
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
    expect(place.record?.tokens).toBeUndefined();
    expect(revoked).toEqual(['robot-rt-1']);
  });

  it.each(['before', 'after'])('signIn wins over what it saves %s the sign-in has looked', async (when) => {
    const { session, store, answer, place, waiting } = await setup();
    const gate = deferred();
    store.beforeSave = ({ tokens }) => (tokens?.accessToken === 'robot-at-1' ? gate.promise : undefined);
    answer.resolve(tokensOf('robot', 1));
    await idle();
    if (when === 'before') gate.resolve();
    const entering = stateOf(session.signIn(tokensOf('bob', 1)));
    await idle();
    gate.resolve();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(entering.is).toBe('resolved');
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect((await session.token()).accessToken).toBe('bob-at-1');
    expect(place.record?.tokens?.accessToken).toBe('bob-at-1');
  });
});
