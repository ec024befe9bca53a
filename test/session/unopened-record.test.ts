import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RefreshUnavailableError } from '../../src/errors.js';
import type { SessionEvent } from '../../src/events.js';
import { UnopenedRecordError } from '../../src/protocol/unreadable.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { type Handle, recordOf, shared } from '../support/races-handle.js';
import { rotation, stateOf } from '../support/races-watch.js';

const WHY = "The session's record cannot be decrypted";
/** What stands there is of a revision that is known, and of nothing else that is. */
const lock = (store: Handle, revision: number) => {
  store.beforeLoad = () => Promise.reject(new UnopenedRecordError(revision, WHY));
};
const told = (events: SessionEvent[]) => events.filter(({ type }) => type === 'store-degraded');

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function opened(first = recordOf({ revision: 7 })) {
  const place = shared(first);
  const store = place.handle();
  const events: SessionEvent[] = [];
  const [refresh, acquire] = [rotation('anna'), rotation('robot')];
  const session = createSession({ store, refresh, acquire, observe: (event) => events.push(event) });
  return { place, store, events, refresh, acquire, session };
}

describe('createSession: a record that cannot be opened here', () => {
  it('is RefreshUnavailableError that says so, never "nobody is signed in": nothing is obtained or written', async () => {
    const { place, store, events, acquire, session } = opened();
    lock(store, 7);
    for (const call of [() => session.ready(), () => session.token(), () => session.refresh()])
      await expect(call()).rejects.toMatchObject({
        code: 'refresh-unavailable',
        message: WHY,
        signInRequired: false,
      });
    expect(session.getSnapshot().status).toBe('loading');
    expect(acquire).not.toHaveBeenCalled();
    expect(place.written).toEqual([]);
    // once, however many loads fail by it
    expect(told(events)).toMatchObject([{ reason: 'unopened' }]);
    store.beforeLoad = undefined;
    expect((await session.token()).accessToken).toBe('anna-at-1');
  });

  it('keeps who is signed in here from refreshing: nothing is posted, nothing is written over', async () => {
    const { place, store, events, refresh, session } = opened();
    await session.ready();
    lock(store, 8);
    store.tell();
    await expect(session.refresh()).rejects.toMatchObject({ code: 'refresh-unavailable', message: WHY });
    expect(refresh).not.toHaveBeenCalled();
    expect(place.written).toEqual([]);
    expect(session.getSnapshot().status).toBe('signed-in');
    expect(told(events)).toMatchObject([{ reason: 'unopened' }]);
  });

  it('is written over by a sign-in, over the very revision that stands there', async () => {
    const { place, store, session } = opened();
    lock(store, 7);
    await expect(session.ready()).rejects.toMatchObject({ code: 'refresh-unavailable' });
    await session.signIn({ accessToken: 'bert-at-1', refreshToken: 'bert-rt-1' });
    expect(place.record).toMatchObject({ revision: 8, tokens: { accessToken: 'bert-at-1' } });
    store.beforeLoad = undefined;
    store.tell();
    expect((await session.token()).accessToken).toBe('bert-at-1');
  });

  it('is written over by no sign-in that has not seen it', async () => {
    const { place, store, session } = opened();
    lock(store, 7);
    place.record = recordOf({ revision: 9, id: 'carl' });
    const signingIn = session.signIn({ accessToken: 'bert-at-1' });
    await vi.advanceTimersByTimeAsync(50);
    expect(place.record.id).toBe('carl');
    lock(store, 9);
    await vi.advanceTimersByTimeAsync(1_000);
    await signingIn;
    expect(place.record).toMatchObject({ revision: 10, tokens: { accessToken: 'bert-at-1' } });
  });

  it('is not ended by a sign-out, which says that it could not', async () => {
    const { place, store, session } = opened();
    lock(store, 7);
    const signingOut = stateOf(session.signOut());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(signingOut).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
    expect(place.written).toEqual([]);
    // As soon as it can be opened, it is ended.
    store.beforeLoad = undefined;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(place.record).toMatchObject({ revision: 8, ended: 'signed-out' });
  });

  it('ends nobody where the server says invalid_grant meanwhile', async () => {
    const { place, store, refresh, session } = opened();
    await session.ready();
    const answer = deferred<null>();
    refresh.mockImplementationOnce(() => answer.promise as never);
    const refreshing = stateOf(session.refresh());
    await vi.advanceTimersByTimeAsync(0);
    const { length } = place.written;
    lock(store, 9);
    answer.resolve(null);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(refreshing).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
    expect(place.written).toHaveLength(length);
    expect(session.getSnapshot().status).toBe('signed-in');
  });
});

describe('createSession: a load that fails', () => {
  it('says why in the words of a store of latchkey’s own, and in those of no other', async () => {
    const { store, session } = opened();
    store.beforeLoad = () => Promise.reject(new RefreshUnavailableError('No Web Crypto'));
    await expect(session.ready()).rejects.toMatchObject({ message: 'No Web Crypto', signInRequired: false });
    store.beforeLoad = () => Promise.reject(new Error('SET session anna-rt-1'));
    await expect(session.ready()).rejects.toMatchObject({ message: "The session's store cannot load" });
  });
});
