import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '../../src/protocol/record.js';
import { deferred } from '../support/deferred.js';
import { loaded } from '../support/races-context.js';
import { RacePlace } from '../support/races-place.js';
import { flush, heldNow, pass, raceClock, record, START, tokens, watch } from '../support/races-tools.js';

/** A context that holds what was written last, and a place that has fallen back to `after`. */
async function fallenBack(after: SessionRecord | undefined, before = record(5)) {
  const made = await loaded({ place: new RacePlace(before) });
  made.place.put(after);
  return made;
}

/** Far above what was lost, whatever others have seen of that, so that no number is given twice. */
const farAbove: unknown = expect.toSatisfy((revision: number) => revision > 1_000);

const tombstone = (of: Partial<SessionRecord>): SessionRecord => ({
  id: 'alice',
  revision: 1,
  generation: 1,
  boundTo: '',
  ended: 'signed-out',
  ...of,
});

describe('a store that has lost what was written last', () => {
  raceClock();

  it('is given back what is held over an older record of the same sign-in', async () => {
    const { place, store, session } = await fallenBack(record(3));
    store.tell();
    await flush();
    expect(place.record).toMatchObject({
      revision: farAbove,
      generation: 6,
      tokens: { refreshToken: 'rt-5' },
    });
    expect(heldNow(session)).toBe('at-5');
  });

  it('is given back what is held, and what is posted is the newest refresh token', async () => {
    const { place, session, server } = await fallenBack(record(3));
    watch(session.token({ refused: await session.token() }));
    await flush();
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-5']);
    expect(place.record).toMatchObject({ revision: farAbove, tokens: { refreshToken: 'rt-5' } });
  });

  it('is given nothing back over tokens that were renewed since, whatever their revision', async () => {
    const { place, store, session, server } = await fallenBack(record(6, { revision: 4 }));
    store.tell();
    expect(heldNow(session)).toBe('at-6');
    watch(session.token({ refused: await session.token() }));
    await flush();
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-6']);
    expect(place.record).toMatchObject({ generation: 7, tokens: { refreshToken: 'rt-6' } });
  });

  it('is given back what is held over what was renewed less often, although its revision is higher', async () => {
    const { place, store, session } = await fallenBack(record(3, { revision: 9 }));
    store.tell();
    await flush();
    expect(heldNow(session)).toBe('at-5');
    expect(place.record).toMatchObject({ revision: 10, tokens: { refreshToken: 'rt-5' } });
  });

  it('keeps the tombstone of a sign-out, whatever its revision: no turn writes over it', async () => {
    const { place, session, server } = await fallenBack(tombstone({}));
    const waiting = watch(session.token({ refused: await session.token() }));
    await flush();
    expect(place.record).toMatchObject({ revision: 1, ended: 'signed-out' });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out' });
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect(server.asked).toHaveLength(0);
  });

  it('is given the tombstone of a sign-out back over the record that rose again', async () => {
    const { place, store, session } = await loaded();
    await session.signOut();
    place.put(record(0));
    store.tell();
    await flush();
    expect(place.record).toMatchObject({ id: 'alice', ended: 'signed-out' });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out' });
  });

  it('is given back what is held over the tombstone of tokens that had been renewed', async () => {
    const { place, store, session } = await fallenBack(tombstone({ ended: 'rejected', generation: 3 }));
    store.tell();
    await flush();
    expect(heldNow(session)).toBe('at-5');
    expect(place.record).toMatchObject({ revision: farAbove, tokens: { refreshToken: 'rt-5' } });
  });

  it('ends the sign-in where these very tokens were rejected, whatever the revision', async () => {
    const { place, store, session } = await fallenBack(tombstone({ ended: 'rejected', generation: 6 }));
    store.tell();
    await flush();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
    expect(place.record).toMatchObject({ revision: 1, ended: 'rejected' });
  });

  it('is given back a sign-in over the one before it, and goes on being refreshed', async () => {
    const { place, session, server } = await fallenBack(record(0, { id: 'bob' }));
    const waiting = watch(session.token({ refused: await session.token() }));
    await flush();
    server.request(0).answer(tokens(6));
    await flush();
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-5']);
    expect(waiting.value?.accessToken).toBe('at-6');
    expect(place.record).toMatchObject({ id: 'alice', tokens: { refreshToken: 'rt-6' } });
  });

  it.each([
    ['the one before it', record(0, { id: 'bob' })],
    ['the tombstone of the one before it', tombstone({ id: 'bob' })],
  ])('is given the tombstone of a sign-out over %s: no other puts it back', async (_, after) => {
    const { place, session } = await loaded({ place: new RacePlace(record(5)) });
    const other = await loaded({ place });
    place.put(after);
    await session.signOut();
    expect(place.record).toMatchObject({ id: 'alice', revision: farAbove, ended: 'signed-out' });
    other.store.tell();
    await flush();
    expect(other.session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'elsewhere' });
    expect(place.record).toMatchObject({ id: 'alice', revision: farAbove, ended: 'signed-out' });
  });

  it('is left alone by a sign-out where nobody was signed in any more', async () => {
    const { place, store, session } = await loaded({ place: new RacePlace(tombstone({ revision: 6 })) });
    place.put(record(0, { id: 'bob' }));
    store.tell();
    await session.signOut();
    expect(place.record).toMatchObject({ id: 'bob', revision: 1 });
  });

  it('gives no earlier sign-in to who has signed out', async () => {
    const { place, store, session } = await loaded({ place: new RacePlace(record(5)) });
    await session.signOut();
    place.put(record(0, { id: 'bob' }));
    store.tell();
    await flush();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out' });
    expect(place.record).toMatchObject({ id: 'bob' });
  });

  it('numbers a sign-in far above all that was seen there', async () => {
    const { place, session } = await fallenBack(undefined);
    await session.signIn({ accessToken: 'anna-at', refreshToken: 'anna-rt' });
    expect(place.record).toMatchObject({ revision: farAbove, tokens: { refreshToken: 'anna-rt' } });
  });

  it('is given a sign-in over the one before it that another context writes meanwhile', async () => {
    const { place, store, session } = await loaded({ place: new RacePlace(record(5)) });
    store.onSave = (write) => {
      store.onSave = undefined;
      place.put(record(0, { id: 'bob', revision: 3 }));
      return write();
    };
    const signing = watch(session.signIn({ accessToken: 'anna-at', refreshToken: 'anna-rt' }));
    await pass(1_000);
    expect(signing.state).toBe('fulfilled');
    expect(place.record).toMatchObject({ revision: farAbove, tokens: { refreshToken: 'anna-rt' } });
    expect(heldNow(session)).toBe('anna-at');
  });

  it('is given back what a sign-in was renewed to before its writing was answered', async () => {
    const { place, store, session, server } = await loaded({ place: new RacePlace(record(5)) });
    store.onSave = (write) => {
      store.onSave = undefined;
      write();
      throw new Error('the answer was lost');
    };
    watch(session.signIn({ accessToken: 'anna-at', refreshToken: 'anna-rt' }));
    await flush();
    const before = place.record;
    watch(session.token({ refused: await session.token() }));
    await flush();
    server.request(0).answer(tokens(9));
    await flush();
    expect(place.record).toMatchObject({ generation: 2, tokens: { refreshToken: 'rt-9' } });
    place.put(before);
    await pass(1_000);
    expect(place.record).toMatchObject({ generation: 2, tokens: { refreshToken: 'rt-9' } });
  });

  it('has a sign-in put back that another context wrote over without having heard of it', async () => {
    const { place, store, session } = await fallenBack(undefined);
    await session.signIn({ accessToken: 'anna-at', refreshToken: 'anna-rt' });
    place.put(record(5, { revision: 12 }));
    store.tell();
    await flush();
    expect(heldNow(session)).toBe('anna-at');
    expect(place.record).toMatchObject({ revision: farAbove, tokens: { refreshToken: 'anna-rt' } });
  });

  it('ends what is held where it has a sign-in of a higher revision that ended here: that is not adopted', async () => {
    const { place, store, session } = await loaded({ place: new RacePlace(record(5)) });
    place.put(record(6, { id: 'bob' }));
    store.tell();
    expect(heldNow(session)).toBe('at-6');
    place.put(record(7));
    store.tell();
    await flush();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'elsewhere' });
    expect(heldNow(session)).toBeUndefined();
    place.put(record(8, { id: 'bob' }));
    store.tell();
    await flush();
    expect(place.record).toMatchObject({ id: 'bob', tokens: { refreshToken: 'rt-8' } });
    await session.signIn({ accessToken: 'anna-at', refreshToken: 'anna-rt' });
    expect(place.record).toMatchObject({ tokens: { refreshToken: 'anna-rt' } });
  });

  it('gives no number twice to who knows: a save over what was lost meets no tombstone', async () => {
    const { place, session, server } = await loaded({ place: new RacePlace(record(5)) });
    const other = await loaded({ place });
    const waiting = watch(session.token({ refused: await session.token() }));
    await flush();
    expect(place.record).toMatchObject({ revision: 7, holderUntil: START + 30_000 });
    place.put(record(3));
    await other.session.signOut();
    expect(place.record).toMatchObject({ revision: farAbove, ended: 'signed-out' });
    server.request(0).answer(tokens(6));
    await flush();
    expect(place.record).toMatchObject({ ended: 'signed-out' });
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
  });

  it('has another record of the very number that is held: that one counts, and is not written over', async () => {
    const { store, session, server } = await fallenBack(
      record(5, { mintedAt: START + 1, tokens: { accessToken: 'at-9', refreshToken: 'rt-9' } }),
    );
    store.tell();
    expect(heldNow(session)).toBe('at-9');
    watch(session.token({ refused: await session.token() }));
    await flush();
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-9']);
  });

  it('is given what was minted meanwhile, over what is older than the refresh token that was posted', async () => {
    const { place, session, server } = await loaded({ place: new RacePlace(record(5)) });
    const waiting = watch(session.token({ refused: await session.token() }));
    await flush();
    place.put(record(3));
    server.request(0).answer(tokens(6));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-6');
    expect(place.record).toMatchObject({ generation: 7, tokens: { refreshToken: 'rt-6' } });
  });

  it('is given what was minted meanwhile over the sign-in before it: nothing is revoked', async () => {
    const { place, session, server, revoked } = await loaded({ place: new RacePlace(record(5)) });
    const waiting = watch(session.token({ refused: await session.token() }));
    await flush();
    place.put(record(9, { id: 'bob', revision: 3 }));
    server.request(0).answer(tokens(6));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-6');
    expect(place.record).toMatchObject({ id: 'alice', generation: 7, tokens: { refreshToken: 'rt-6' } });
    expect(revoked).toEqual([]);
  });

  it('is given a refresh token that was rotated for a derived session meanwhile', async () => {
    const { place, session, server } = await loaded({ place: new RacePlace(record(5)) });
    const waiting = watch(session.derive({ audience: 'mail' }).token());
    await flush();
    place.put(record(5, { revision: 3, tokens: { accessToken: 'at-5', refreshToken: 'rt-4' } }));
    server.request(0).answer({ access_token: 'mail-at', token_type: 'Bearer', refresh_token: 'rt-6' });
    await flush();
    expect(waiting.value?.accessToken).toBe('mail-at');
    expect(place.record).toMatchObject({
      generation: 6,
      tokens: { accessToken: 'at-5', refreshToken: 'rt-6' },
    });
  });

  it('is given tokens that could not be saved, over what is older than they are', async () => {
    const { place, store, session, server } = await loaded({ place: new RacePlace(record(5)) });
    const waiting = watch(session.token({ refused: await session.token() }));
    await flush();
    store.onSave = () => {
      throw new Error('read-only');
    };
    server.request(0).answer(tokens(6));
    await pass(5_000);
    expect(waiting.value?.accessToken).toBe('at-6');
    store.onSave = undefined;
    place.put(record(3));
    store.tell();
    await flush();
    expect(place.record).toMatchObject({ generation: 7, tokens: { refreshToken: 'rt-6' } });
  });

  it('is not to be confused with a load that began before a save of ours was answered', async () => {
    const { place, store, session, server } = await loaded();
    const refused = await session.token();
    const slow = deferred();
    const waiting = watch(session.token({ refused }));
    await flush();
    store.onLoad = (read) => {
      const found = read();
      return slow.promise.then(() => found);
    };
    store.tell();
    store.onLoad = undefined;
    server.request(0).answer(tokens(1));
    await flush();
    const saves = store.saves.length;
    slow.resolve();
    await pass(5_000);
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(store.saves).toHaveLength(saves);
    expect(place.record).toMatchObject({ tokens: { refreshToken: 'rt-1' } });
  });
});
