import { describe, expect, it } from 'vitest';
import { deferred } from '../support/deferred.js';
import { loaded } from '../support/races-context.js';
import { RacePlace } from '../support/races-place.js';
import { flush, heldNow, pass, raceClock, record, tokens, watch } from '../support/races-tools.js';

/** A refresh whose request is under way. */
async function asking(about: Parameters<typeof loaded>[0] = {}) {
  const made = await loaded(about);
  const refused = await made.session.token();
  const waiting = watch(made.session.token({ refused }));
  await flush();
  return { ...made, refused, waiting };
}

describe('a lost turn', () => {
  raceClock();

  it('starts no token request where it is lost during the load', async () => {
    const { place, store, server, session } = await loaded();
    const refused = await session.token();
    const slow = deferred();
    store.onLoad = (read) => slow.promise.then(read);
    const waiting = watch(session.token({ refused }));
    await flush();
    store.lose();
    slow.resolve();
    await pass(10_000);
    expect(server.asked).toHaveLength(0);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(place.record?.tokens?.refreshToken).toBe('rt-0');
  });

  it('starts no token request where it is lost while the turn is being held', async () => {
    const { store, server, session } = await loaded();
    const refused = await session.token();
    const slow = deferred();
    store.onSave = (write) => slow.promise.then(write);
    const waiting = watch(session.token({ refused }));
    await flush();
    store.lose();
    slow.resolve();
    await pass(10_000);
    expect(server.asked).toHaveLength(0);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('starts no token request again where it is lost between two tries', async () => {
    const { store, server, waiting } = await asking();
    server.request(0).answer(new Response(null, { status: 503 }));
    await flush();
    store.lose();
    await pass(20_000);
    expect(server.asked).toHaveLength(1);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
  });

  it('starts no token request again where it wakes between two tries, and its loss is told in the next timer', async () => {
    const { store, server, waiting } = await asking();
    server.request(0).answer(new Response(null, { status: 503, headers: { 'Retry-After': '1' } }));
    await flush();
    setTimeout(() => store.lose(), 1_000);
    await pass(20_000);
    expect(server.asked).toHaveLength(1);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
  });

  it('aborts the request that is under way and releases the waiters', async () => {
    const { store, server, waiting, told } = await asking();
    store.lose();
    await flush();
    expect(server.request(0).context.signal.aborted).toBe(true);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(told()).toEqual(['refreshing', 'refresh-failed lost-response']);
  });

  it('cannot take the turn from the next holder when the loser ends', async () => {
    const place = new RacePlace(record(0));
    const [a, b, c] = [await loaded({ place }), await loaded({ place }), await loaded({ place })];
    const refused = await a.session.token();
    for (const { session } of [a, b, c]) watch(session.token({ refused }));
    await flush();
    a.store.lose();
    await flush();
    expect([a, b, c].map(({ server }) => server.asked.length)).toEqual([1, 1, 0]);
    a.server.request(0).fail(new DOMException('aborted', 'AbortError'));
    await flush();
    expect([b, c].map(({ store }) => store.holding)).toEqual([1, 0]);
    expect(c.server.asked).toHaveLength(0);
  });

  it('adopts what the next holder has saved where the late answer says invalid_grant', async () => {
    const place = new RacePlace(record(0));
    const [a, b] = [await loaded({ place }), await loaded({ place })];
    const refused = await a.session.token();
    for (const { session } of [a, b]) watch(session.token({ refused }));
    await flush();
    a.store.lose();
    await flush();
    b.server.request(0).answer(tokens(1));
    await flush();
    a.server.request(0).answer(null);
    await flush();
    expect([heldNow(a.session), heldNow(b.session)]).toEqual(['at-1', 'at-1']);
    expect(place.record?.tokens?.refreshToken).toBe('rt-1');
    expect([...a.told(), ...b.told()].filter((told) => told.startsWith('signed-out'))).toEqual([]);
  });

  it('cannot end the session of the next holder, whose answer is still under way', async () => {
    const place = new RacePlace(record(0));
    const [a, b] = [await loaded({ place }), await loaded({ place })];
    const refused = await a.session.token();
    for (const { session } of [a, b]) watch(session.token({ refused }));
    await flush();
    a.store.lose();
    await flush();
    a.server.request(0).answer(null);
    await flush();
    b.server.request(0).answer(tokens(1));
    await flush();
    expect(place.record?.tokens?.refreshToken).toBe('rt-1');
    expect(heldNow(b.session)).toBe('at-1');
    a.store.tell();
    await flush();
    expect(heldNow(a.session)).toBe('at-1');
  });
});

describe('a save that returns false', () => {
  raceClock();

  it('is a success where its own write is there', async () => {
    const { place, store, server, waiting, told, revoked } = await asking();
    store.onSave = (write) => {
      write();
      throw new Error('timed out after writing');
    };
    server.request(0).answer(tokens(1));
    await flush();
    store.onSave = undefined;
    await pass(1_000);
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(place.written.filter(({ tokens }) => tokens?.accessToken === 'at-1')).toHaveLength(1);
    expect(told()).toEqual(['refreshing', 'refreshed here']);
    expect(revoked).toEqual([]);
  });

  it('discards and revokes where another id is there', async () => {
    const { place, store, server, session, waiting, told, revoked } = await asking();
    place.put(record(7, { id: 'bob', revision: 9 }));
    server.request(0).answer(tokens(1));
    await flush();
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect(revoked).toEqual(['at-1 rt-1']);
    expect(place.record?.id).toBe('bob');
    expect(heldNow(session)).toBe('at-7');
    expect(told()).toContain('signed-in elsewhere');
    expect(store.holding).toBe(0);
  });

  it('discards and revokes where a sign-out is there', async () => {
    const { place, server, session, waiting, told, revoked } = await asking();
    place.put({ id: 'alice', revision: 9, generation: 1, boundTo: '', ended: 'signed-out' });
    server.request(0).answer(tokens(1));
    await flush();
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect(revoked).toEqual(['at-1 rt-1']);
    expect(place.record?.ended).toBe('signed-out');
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'elsewhere' });
    expect(told()).toEqual(['refreshing', 'signed-out elsewhere']);
  });

  it.each([
    ['the posted refresh token is still there', record(0, { revision: 9 })],
    [
      'a rejection is there',
      { id: 'alice', revision: 9, generation: 1, boundTo: '', ended: 'rejected' } as const,
    ],
    ['nothing is there', undefined],
  ])('saves over that revision where %s', async (_, found) => {
    const { place, store, server, waiting, revoked } = await asking();
    place.put(found);
    server.request(0).answer(tokens(1));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(store.saves.at(-1)?.ifRevision).toBe(found?.revision ?? 0);
    expect(place.record).toMatchObject({ id: 'alice', tokens: { refreshToken: 'rt-1' } });
    expect(place.record).not.toHaveProperty('ended');
    expect(revoked).toEqual([]);
  });

  it('adopts newer tokens of the same id and revokes nothing', async () => {
    const { place, server, session, waiting, told, revoked } = await asking();
    place.put(record(5, { revision: 9 }));
    server.request(0).answer(tokens(1));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-5');
    expect(heldNow(session)).toBe('at-5');
    expect(place.record?.revision).toBe(9);
    expect(revoked).toEqual([]);
    expect(told()).toEqual(['refreshing', 'refreshed elsewhere']);
  });

  it('posts the refresh token that another context has rotated without renewing the access token', async () => {
    const { place, server, waiting, revoked } = await asking();
    const rotated = { accessToken: 'at-0', refreshToken: 'rt-5' };
    place.put(record(0, { revision: 9, tokens: rotated }));
    server.request(0).answer(tokens(1));
    await flush();
    expect(place.record).toMatchObject({ tokens: rotated });
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-0', 'rt-5']);
    server.request(1).answer(tokens(6));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-6');
    expect(revoked).toEqual([]);
  });

  it.each([true, false])(
    'is settled in the same way by two contexts that both minted (exclusive: %s)',
    async (exclusive) => {
      const place = new RacePlace(record(0));
      const [a, b] = [await loaded({ place, exclusive }), await loaded({ place, exclusive })];
      const refused = await a.session.token();
      const [first, second] = [watch(a.session.token({ refused })), watch(b.session.token({ refused }))];
      await flush();
      a.store.lose();
      await flush();
      // both posted rt-0: the server is in its grace window and mints twice
      b.server.request(0).answer(tokens(2));
      await flush();
      a.server.request(0).answer(tokens(1));
      await flush();
      expect(first.error).toMatchObject({ code: 'refresh-unavailable' });
      expect(second.value?.accessToken).toBe('at-2');
      a.store.tell();
      b.store.tell();
      await flush();
      const stored = place.record?.tokens?.accessToken;
      expect([heldNow(a.session), heldNow(b.session)]).toEqual([stored, stored]);
      expect([...a.revoked, ...b.revoked]).toEqual([]);
    },
  );
});
