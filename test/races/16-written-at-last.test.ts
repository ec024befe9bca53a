import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../src/session/session.js';
import { recordOf, shared } from '../support/races-handle.js';
import { idle, rotation, stateOf, tokensOf } from '../support/races-watch.js';

const bob = (revision: number) =>
  recordOf({ id: 'bob', revision, tokens: { accessToken: 'bob-at-1', refreshToken: 'bob-rt-1' } });

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const down = () => {
  throw new Error('down');
};

describe('session.signOut: until it is written', () => {
  it('loads again and repeats where another context wrote in between', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const session = createSession({ store });
    await session.ready();
    let writes = 0;
    store.beforeSave = () => {
      // another context saves first, three times in a row
      if (++writes <= 3) place.record = recordOf({ revision: 10 * writes, generation: writes + 1 });
    };
    const leaving = stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(leaving.is).toBe('resolved');
    expect(writes).toBe(4);
    expect(place.record).toMatchObject({ id: 'anna', revision: 31, ended: 'signed-out' });
  });

  it('backs off, and each pause is longer than the one before', async () => {
    const store = shared(recordOf()).handle();
    const session = createSession({ store });
    await session.ready();
    const at: number[] = [];
    store.beforeSave = () => {
      at.push(Date.now());
      down();
    };
    stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(5_000);
    const pauses = at.slice(1).map((t, i) => t - (at[i] as number));
    expect(pauses.length).toBeGreaterThanOrEqual(4);
    for (let i = 1; i < pauses.length; i++) expect(pauses[i]).toBeGreaterThan(pauses[i - 1] as number);
    await session.close();
  });

  it('rejects after five seconds, and the tombstone is written when the store is back', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const session = createSession({ store });
    await session.ready();
    store.beforeSave = down;
    const leaving = stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(4_999);
    expect(leaving.is).toBe('pending');
    await vi.advanceTimersByTimeAsync(1);
    expect(leaving.error).toMatchObject({ code: 'refresh-unavailable', signInRequired: false });
    await vi.advanceTimersByTimeAsync(60_000);
    store.beforeSave = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(place.record).toMatchObject({ id: 'anna', ended: 'signed-out' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('revokes what is known here though the store stays down', async () => {
    const store = shared(recordOf()).handle();
    const revoked = new Set<string | undefined>();
    const session = createSession({ store, revoke: async ({ held }) => revoked.add(held.refreshToken) });
    await session.ready();
    store.beforeSave = down;
    stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(60_000);
    expect([...revoked]).toEqual(['anna-rt-1']);
    await session.close();
  });

  it('revokes what another context has minted while the store was down', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const revoked = new Set<string | undefined>();
    const session = createSession({ store, revoke: async ({ held }) => revoked.add(held.refreshToken) });
    await session.ready();
    store.beforeSave = down;
    stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(20_000);
    const tokens = { accessToken: 'anna-at-2', refreshToken: 'anna-rt-2' };
    place.record = recordOf({ revision: 3, generation: 2, tokens });
    store.beforeSave = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(revoked).toContain('anna-rt-2');
    expect(place.record).toMatchObject({ id: 'anna', ended: 'signed-out' });
  });

  it('takes a save whose answer was lost for what it is', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const session = createSession({ store });
    await session.ready();
    store.afterSave = () => Promise.reject(new Error('the connection broke'));
    const leaving = stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(leaving.is).toBe('resolved');
    expect(place.written).toHaveLength(1);
  });

  it('stops where another id is found', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const session = createSession({ store });
    await session.ready();
    store.beforeSave = () => {
      place.record = bob(5);
      store.beforeSave = undefined;
    };
    const leaving = stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(leaving.is).toBe('resolved');
    expect(place.record).toEqual(bob(5));
  });

  it('stops where somebody signs in here meanwhile', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const session = createSession({ store });
    await session.ready();
    store.beforeSave = down;
    stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(6_000);
    store.beforeSave = undefined;
    await session.signIn(tokensOf('bob', 1));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(place.record?.tokens?.accessToken).toBe('bob-at-1');
    expect(place.written).toHaveLength(1);
  });

  it('ends what the first load finds even where it is called twice', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const session = createSession({ store });
    store.beforeLoad = () => idle();
    const leaving = [session.signOut(), session.signOut()].map((call) => stateOf(call));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(leaving.map(({ is }) => is)).toEqual(['resolved', 'resolved']);
    store.tell();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(place.record).toMatchObject({ id: 'anna', ended: 'signed-out' });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
  });
});

describe('session.signIn: until it is written', () => {
  it('takes the place of what is stored, though another context refreshes it meanwhile', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const session = createSession({ refresh: rotation(), store });
    await session.ready();
    let writes = 0;
    store.beforeSave = () => {
      if (++writes <= 2) place.record = recordOf({ revision: 10 * writes, generation: writes + 1 });
    };
    const entering = stateOf(session.signIn(tokensOf('bob', 1)));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(entering.is).toBe('resolved');
    expect(place.record).toMatchObject({ revision: 21, tokens: { accessToken: 'bob-at-1' } });
    expect(place.record?.id).not.toBe('anna');
    expect((await session.token()).accessToken).toBe('bob-at-1');
  });

  it('gives way to a sign-in that another context makes after it', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const session = createSession({ store });
    await session.ready();
    store.beforeSave = () => {
      place.record = bob(5);
      store.beforeSave = undefined;
    };
    stateOf(session.signIn(tokensOf('carol', 1)));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(place.record).toEqual(bob(5));
    expect((await session.token()).accessToken).toBe('bob-at-1');
  });

  it('rejects after five seconds, is signed in here, and is written when the store is back', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const session = createSession({ store });
    await session.ready();
    store.beforeSave = down;
    const entering = stateOf(session.signIn(tokensOf('bob', 1)));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(entering.error).toMatchObject({ code: 'refresh-unavailable' });
    store.tell();
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await session.token()).accessToken).toBe('bob-at-1');
    store.beforeSave = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(place.record?.tokens?.accessToken).toBe('bob-at-1');
  });

  it('writes itself once where the answer of its save was lost', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const session = createSession({ store });
    store.afterSave = () => Promise.reject(new Error('the connection broke'));
    const entering = stateOf(session.signIn(tokensOf('bob', 1)));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(entering.is).toBe('resolved');
    expect(place.written).toHaveLength(1);
  });

  it('discards and revokes what a refresh of the one before mints', async () => {
    const place = shared(recordOf());
    let answer: (tokens: ReturnType<typeof tokensOf>) => void = () => {};
    const revoked: (string | undefined)[] = [];
    const session = createSession({
      refresh: () => new Promise((resolve) => (answer = resolve)),
      revoke: async ({ held }) => revoked.push(held.refreshToken),
      store: place.handle(),
    });
    const waiting = stateOf(session.token({ refused: await session.token() }));
    await idle();
    await session.signIn(tokensOf('bob', 1));
    answer(tokensOf('anna', 2));
    await idle();
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect(revoked).toEqual(['anna-rt-2']);
    expect(place.record?.tokens?.accessToken).toBe('bob-at-1');
  });
});
