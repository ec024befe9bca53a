import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { context, loaded } from '../support/races-context.js';
import { RacePlace } from '../support/races-place.js';
import {
  API,
  corridor,
  flush,
  heldNow,
  pass,
  raceClock,
  record,
  resource,
  START,
  tokenServer,
  tokens,
  watch,
} from '../support/races-tools.js';

const expired = { mintedAt: START - 400_000, expiresAt: START - 100_000 };

describe('the newest record', () => {
  raceClock();

  it("replaces memory's as soon as the store tells of it, expired or not", async () => {
    const { place, store, session, server, told } = await loaded();
    place.put(record(1, expired));
    store.tell();
    const waiting = watch(session.token());
    await flush();
    expect(told()).toEqual(['refreshed elsewhere', 'refreshing']);
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-1']);
    server.request(0).answer(tokens(2));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-2');
  });

  it('is what a refresh posts, although nobody told of it', async () => {
    const { place, session, server } = await loaded();
    const refused = await session.token();
    place.put(record(1, expired));
    watch(session.token({ refused }));
    await flush();
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-1']);
  });

  it('is judged by its revision, not by the age of its tokens', async () => {
    const { place, store, session } = await loaded({ place: new RacePlace(record(5)) });
    place.put(record(9, { generation: 6, revision: 3, mintedAt: START + 1 }));
    store.tell();
    expect(heldNow(session)).toBe('at-5');
    place.put(record(4, { generation: 7, revision: 7, mintedAt: START - 60_000 }));
    store.tell();
    expect(heldNow(session)).toBe('at-4');
  });

  it('of another id ends this one and becomes the session', async () => {
    const { place, store, session, told } = await loaded();
    const api = resource();
    const call = watch(corridor(session, api)(`${API}/me`));
    await flush();
    place.put(record(7, { id: 'bob' }));
    store.tell();
    expect(told()).toEqual(['signed-in elsewhere']);
    expect(heldNow(session)).toBe('at-7');
    api.sending(0).refuse();
    await flush();
    expect(call.value?.status).toBe(401);
    expect(outcomeOf(call.value as Response)).toMatchObject({ reason: 'session-ended', sendings: 1 });
    expect(api.sent).toEqual(['at-0']);
  });

  it('of an id that was signed out here is never adopted', async () => {
    const { place, store, session } = await loaded();
    await session.signOut();
    place.put(record(30));
    store.tell();
    await flush();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
    expect(heldNow(session)).toBeUndefined();
  });

  it('of an id that another took the place of is never adopted: it ends this one', async () => {
    const { place, store, session, told } = await loaded();
    place.put(record(7, { id: 'bob' }));
    store.tell();
    place.put(record(30));
    store.tell();
    await flush();
    expect(heldNow(session)).toBeUndefined();
    expect(told()).toEqual(['signed-in elsewhere', 'signed-out elsewhere']);
  });

  it('is not what a slow first load brings after a sign-in', async () => {
    const { place, store, session } = context({ place: new RacePlace(record(0, { revision: 50 })) });
    const slow = deferred();
    store.onLoad = (read) => {
      store.onLoad = undefined;
      const found = read();
      return slow.promise.then(() => found);
    };
    const waiting = watch(session.ready());
    await session.signIn(tokens(7));
    slow.resolve();
    await flush();
    expect(waiting.state).toBe('fulfilled');
    expect(heldNow(session)).toBe('at-7');
    expect(place.record).toMatchObject({ revision: 51, tokens: { accessToken: 'at-7' } });
    expect(place.record?.id).not.toBe('alice');
  });

  it('is not what a load brings that began before a refresh was saved', async () => {
    const { place, store, session, server } = await loaded();
    const refused = await session.token();
    const renewing = watch(session.token({ refused }));
    await flush();
    const slow = deferred();
    const old = { ...record(0), revision: 40 };
    store.onLoad = () => {
      store.onLoad = undefined;
      return slow.promise.then(() => old);
    };
    store.tell();
    server.request(0).answer(tokens(1));
    await flush();
    slow.resolve();
    await flush();
    expect(renewing.value?.accessToken).toBe('at-1');
    expect(heldNow(session)).toBe('at-1');
    expect(place.record?.tokens?.refreshToken).toBe('rt-1');
  });

  it.each(['sign-in', 'sign-out'] as const)('is written over while a %s of ours is written', async (what) => {
    const { place, store, session, told } = await loaded();
    const saved = deferred();
    store.onSave = async (write) => {
      store.onSave = undefined;
      await saved.promise;
      return write();
    };
    const writing = watch<unknown>(what === 'sign-in' ? session.signIn(tokens(7)) : session.signOut());
    await flush();
    // alice is renewed elsewhere: a higher revision, for whoever would adopt it
    place.put(record(3));
    store.tell();
    await flush();
    expect(heldNow(session)).toBe(what === 'sign-in' ? 'at-7' : undefined);
    saved.resolve();
    await pass(1_000);
    expect(writing.state).toBe('fulfilled');
    expect(store.saves.map(({ ifRevision }) => ifRevision)).toEqual([1, 4]);
    expect(place.record?.tokens?.accessToken).toBe(what === 'sign-in' ? 'at-7' : undefined);
    expect(told()).not.toContain('signed-in elsewhere');
    expect(heldNow(session)).toBe(what === 'sign-in' ? 'at-7' : undefined);
  });

  it.each(['sign-in', 'sign-out'] as const)(
    'of another id is adopted only once the %s of ours has met it',
    async (what) => {
      const { place, store, session, told } = await loaded();
      const saved = deferred();
      store.onSave = async (write) => {
        store.onSave = undefined;
        await saved.promise;
        return write();
      };
      const writing = watch<unknown>(what === 'sign-in' ? session.signIn(tokens(7)) : session.signOut());
      await flush();
      place.put(record(8, { id: 'carol', revision: 9 }));
      store.tell();
      await flush();
      expect(heldNow(session)).toBe(what === 'sign-in' ? 'at-7' : undefined);
      saved.resolve();
      await pass(1_000);
      expect(writing.state).toBe('fulfilled');
      expect(heldNow(session)).toBe('at-8');
      expect(place.record).toMatchObject({ id: 'carol', revision: 9 });
      expect(told().at(-1)).toBe('signed-in elsewhere');
    },
  );

  it('costs one more load where the store tells of it during a load, not one each', async () => {
    const { place, store, session } = await loaded();
    const before = store.loads;
    const slow = deferred();
    store.onLoad = (read) => {
      const found = read();
      return slow.promise.then(() => found);
    };
    store.tell();
    place.put(record(1));
    for (let events = 0; events < 10; events++) store.tell();
    await flush();
    expect(store.loads - before).toBe(1);
    slow.resolve();
    await flush();
    expect(store.loads - before).toBe(2);
    expect(heldNow(session)).toBe('at-1');
  });

  it('is not an absent one: what memory holds is put back, and nobody is signed out', async () => {
    const { place, store, session, told } = await loaded();
    place.put(undefined);
    store.tell();
    await flush();
    expect(place.record).toMatchObject({ id: 'alice', tokens: { refreshToken: 'rt-0' } });
    expect(place.record?.revision).toBeGreaterThan(record(0).revision);
    expect(told()).toEqual([]);
    expect(heldNow(session)).toBe('at-0');
  });

  it('is put back before a refresh posts its token where the store was emptied', async () => {
    const { place, session, server } = await loaded();
    const refused = await session.token();
    place.put(undefined);
    const renewing = watch(session.token({ refused }));
    await flush();
    expect(place.record).toMatchObject({ id: 'alice', tokens: { refreshToken: 'rt-0' } });
    server.request(0).answer(tokens(1));
    await flush();
    expect(renewing.value?.accessToken).toBe('at-1');
    expect(place.record?.tokens?.refreshToken).toBe('rt-1');
  });

  it('is no tombstone put back: an emptied store stays empty after a sign-out', async () => {
    const { place, store, session } = await loaded();
    await session.signOut();
    place.put(undefined);
    store.tell();
    await flush();
    expect(place.record).toBeUndefined();
  });

  it('is ignored where it is bound to another issuer or client: not sent, not ended, not cleared', async () => {
    const foreign = record(9, { boundTo: 'https://other.example#app' });
    const place = new RacePlace(foreign);
    const server = tokenServer();
    const session = createSession({ refresh: server.ask, store: place.handle() });
    const told: string[] = [];
    session.on('store-degraded', ({ reason }) => told.push(reason));
    await expect(session.token()).rejects.toMatchObject({ code: 'signed-out' });
    await session.signOut();
    expect(told).toEqual(['foreign-record']);
    expect(server.asked).toHaveLength(0);
    expect(place.record).toBe(foreign);
  });
});
