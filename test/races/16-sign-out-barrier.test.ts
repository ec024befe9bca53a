import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionRecord } from '../../src/protocol/record.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { type Handle, recordOf, shared } from '../support/races-handle.js';
import { idle, stateOf, tokensOf } from '../support/races-watch.js';

const T0 = 1_800_000_000_000;
const bob = (revision: number): SessionRecord =>
  recordOf({ id: 'bob', revision, tokens: { accessToken: 'bob-at-1', refreshToken: 'bob-rt-1' } });

beforeEach(() => {
  vi.useFakeTimers({ now: T0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Signed in as anna, with a refresh that answers by hand and a record of what was revoked. */
async function setup(store: Handle) {
  const answer = deferred<ReturnType<typeof tokensOf>>();
  const refresh = vi.fn(() => answer.promise);
  const revoked: (string | undefined)[] = [];
  const session = createSession({
    refresh,
    store,
    revoke: async ({ held }) => revoked.push(held.refreshToken),
  });
  const held = await session.token();
  return { session, held, refresh, answer, revoked };
}

describe('session.signOut: the barrier', () => {
  it('ends the old id at once in memory', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const { session } = await setup(store);
    store.beforeSave = () => new Promise(() => {});
    void session.signOut().catch(() => {});
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
    await expect(session.token()).rejects.toMatchObject({ code: 'signed-out' });
    await session.close();
  });

  it('frees who waits for a refresh at once', async () => {
    const { session, held } = await setup(shared(recordOf()).handle());
    const waiting = stateOf(session.token({ refused: held }));
    await idle();
    expect(waiting.is).toBe('pending');
    await session.signOut();
    await idle();
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
  });

  it('ends it in the store without waiting for the turn', async () => {
    const place = shared(recordOf());
    const { session } = await setup(place.handle());
    void place.handle().turn(() => new Promise(() => {}));
    await session.signOut();
    expect(place.record).toMatchObject({ id: 'anna', ended: 'signed-out' });
    expect(place.record?.tokens).toBeUndefined();
  });

  it('discards and revokes what a refresh under way has minted', async () => {
    const place = shared(recordOf());
    const { session, held, answer, revoked } = await setup(place.handle());
    stateOf(session.token({ refused: held }));
    await idle();
    await session.signOut();
    answer.resolve(tokensOf('anna', 2));
    await idle();
    expect(place.record).toMatchObject({ id: 'anna', ended: 'signed-out' });
    expect(revoked).toEqual(['anna-rt-1', 'anna-rt-2']);
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
  });

  it('ends and revokes what a save under way has brought', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const { session, held, answer, revoked } = await setup(store);
    const gate = deferred();
    store.beforeSave = ({ generation, ended }) => (generation === 2 && !ended ? gate.promise : undefined);
    stateOf(session.token({ refused: held }));
    await idle();
    answer.resolve(tokensOf('anna', 2));
    await idle();
    // the save is written before the tombstone reads
    gate.resolve();
    const leaving = session.signOut();
    await vi.advanceTimersByTimeAsync(1_000);
    await leaving;
    expect(place.record).toMatchObject({ id: 'anna', ended: 'signed-out' });
    expect(revoked).toContain('anna-rt-2');
    await expect(session.token()).rejects.toMatchObject({ code: 'signed-out' });
  });

  it('discards and revokes what another context refreshes, once its save finds the tombstone', async () => {
    const place = shared(recordOf());
    const a = await setup(place.handle());
    const b = await setup(place.handle());
    const waiting = stateOf(b.session.token({ refused: b.held }));
    await idle();
    await a.session.signOut();
    b.answer.resolve(tokensOf('anna', 2));
    await idle();
    expect(b.revoked).toEqual(['anna-rt-2']);
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect(place.record).toMatchObject({ id: 'anna', ended: 'signed-out' });
    expect(b.session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'elsewhere' });
  });

  it('discards and revokes what was refreshed while somebody else signed in elsewhere', async () => {
    const place = shared(recordOf());
    const { session, held, answer, revoked } = await setup(place.handle());
    const waiting = stateOf(session.token({ refused: held }));
    await idle();
    place.record = bob(9);
    answer.resolve(tokensOf('anna', 2));
    await idle();
    expect(revoked).toEqual(['anna-rt-2']);
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect(place.record).toEqual(bob(9));
    expect((await session.token()).accessToken).toBe('bob-at-1');
  });

  it('takes effect before the first load has ended: it ends what that load finds', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const gate = deferred();
    store.beforeLoad = () => gate.promise;
    const revoked: (string | undefined)[] = [];
    const session = createSession({
      store,
      revoke: async ({ held }) => revoked.push(held.refreshToken),
    });
    const waiting = stateOf(session.token());
    const leaving = session.signOut();
    gate.resolve();
    await leaving;
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect(place.record).toMatchObject({ id: 'anna', ended: 'signed-out' });
    expect(revoked).toEqual(['anna-rt-1']);
    store.tell();
    await idle();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
  });

  it('ends what the first load of a read-only store finds, in this context', async () => {
    const place = shared(recordOf());
    const store = Object.assign(place.handle(), { readOnly: true as const });
    const gate = deferred();
    store.beforeLoad = () => gate.promise;
    const session = createSession({ store });
    const waiting = stateOf(session.token());
    await session.signOut();
    gate.resolve();
    await idle();
    store.tell();
    await idle();
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
    expect(place.written).toEqual([]);
  });

  it('overwrites rejected, so that no late refresh of another context brings it back', async () => {
    const place = shared(recordOf());
    const session = createSession({ refresh: async () => null, store: place.handle() });
    const refused = await session.token();
    await session.token({ refused }).catch(() => {});
    expect(place.record?.ended).toBe('rejected');
    await session.signOut();
    expect(place.record).toMatchObject({ id: 'anna', ended: 'signed-out' });
  });

  it('revokes the tokens its tombstone replaced, and not only those it knew', async () => {
    const place = shared(recordOf());
    const { session, revoked } = await setup(place.handle());
    place.record = recordOf({
      revision: 7,
      generation: 5,
      tokens: { accessToken: 'anna-at-5', refreshToken: 'anna-rt-5' },
    });
    await session.signOut();
    expect(place.record).toMatchObject({ id: 'anna', revision: 8, ended: 'signed-out' });
    expect(revoked).toContain('anna-rt-5');
  });

  it('revokes nothing where it is told not to', async () => {
    const { session, revoked } = await setup(shared(recordOf()).handle());
    await session.signOut({ revoke: false });
    expect(revoked).toEqual([]);
  });

  it('leaves the sign-in of somebody else alone', async () => {
    const place = shared(recordOf());
    const { session, revoked } = await setup(place.handle());
    place.record = bob(9);
    await session.signOut();
    expect(place.record).toEqual(bob(9));
    expect(revoked).toEqual(['anna-rt-1']);
  });

  it('is not undone by a load that began before it, nor by watch events', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const { session } = await setup(store);
    const old = deferred();
    store.beforeLoad = () => old.promise;
    place.record = recordOf({ revision: 5 });
    store.tell();
    store.beforeLoad = undefined;
    const leaving = session.signOut();
    old.resolve();
    for (let i = 0; i < 10; i++) store.tell();
    await leaving;
    await idle();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
    expect(place.record).toMatchObject({ id: 'anna', ended: 'signed-out' });
  });

  it('is not undone by the same id, though another context writes it anew', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const { session } = await setup(store);
    await session.signOut();
    place.record = recordOf({ revision: 9, generation: 3 });
    store.tell();
    await idle();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
    await expect(session.token()).rejects.toMatchObject({ code: 'signed-out' });
  });
});
