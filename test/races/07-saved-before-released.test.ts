import { describe, expect, it } from 'vitest';
import { deferred } from '../support/deferred.js';
import { context, loaded } from '../support/races-context.js';
import {
  API,
  corridor,
  flush,
  heldNow,
  pass,
  raceClock,
  record,
  resource,
  tokens,
  watch,
} from '../support/races-tools.js';

const down = () => Promise.reject(new Error('ECONNREFUSED'));

describe('what a refresh brings', () => {
  raceClock();

  it('is saved before anybody is released', async () => {
    const { place, store, server, session } = await loaded();
    const api = resource((token) => token === 'at-1');
    const call = watch(corridor(session, api)(`${API}/me`));
    await flush();
    const held = watch(session.token());
    const saved = deferred();
    store.onSave = (write) => saved.promise.then(write);
    server.request(0).answer(tokens(1));
    await pass(2_000);
    expect([call.state, held.state]).toEqual(['pending', 'pending']);
    expect(api.sent).toEqual(['at-0']);
    expect(place.record?.tokens?.accessToken).toBe('at-0');
    saved.resolve();
    await flush();
    expect(place.record?.tokens?.accessToken).toBe('at-1');
    expect(call.value?.status).toBe(200);
    expect(held.value?.accessToken).toBe('at-1');
  });

  it('is asked for only after the turn is held in an exclusive store', async () => {
    const { place, store, server, session } = await loaded();
    const refused = await session.token();
    const holding = deferred();
    store.onSave = (write) => holding.promise.then(write);
    watch(session.token({ refused }));
    await pass(1_000);
    expect(server.asked).toHaveLength(0);
    expect(store.saves.map(({ next }) => next)).toMatchObject([
      { revision: 2, holderUntil: Date.now() + 29_000, tokens: { refreshToken: 'rt-0' } },
    ]);
    store.onSave = undefined;
    holding.resolve();
    await flush();
    expect(server.asked).toHaveLength(1);
    server.request(0).answer(tokens(1));
    await flush();
    expect(place.log).toEqual(['saved at-0 held', 'saved at-1']);
    expect(place.record).not.toHaveProperty('holderUntil');
  });

  it('is asked for at once where the store is not exclusive', async () => {
    const { store, server, session } = await loaded({ exclusive: false });
    const refused = await session.token();
    watch(session.token({ refused }));
    await flush();
    expect(server.asked).toHaveLength(1);
    expect(store.saves).toHaveLength(0);
  });

  it.each([
    ['rejects', down],
    [
      'throws',
      () => {
        throw new Error('quota');
      },
    ],
    ['hangs', () => new Promise<boolean>(() => {})],
  ] as const)('is not asked for where the save that holds the turn %s', async (_, onSave) => {
    const { store, server, session, told } = await loaded();
    const refused = await session.token();
    store.onSave = onSave;
    const waiting = watch(session.token({ refused }));
    await pass(3_000);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(server.asked).toHaveLength(0);
    expect(told()).toEqual(['refresh-failed unavailable']);
    expect(heldNow(session)).toBe('at-0');
    store.onSave = undefined;
    await pass(60_000);
    watch(session.token({ refused }));
    await flush();
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-0']);
  });

  it('is asked for with what the store holds where that moved on before the turn was held', async () => {
    const { place, store, server, session } = await loaded();
    const refused = await session.token();
    store.onSave = (write) => {
      store.onSave = undefined;
      place.put(record(0, { revision: 5, refusals: [] }));
      return write();
    };
    watch(session.token({ refused }));
    await flush();
    expect(store.saves.map(({ ifRevision }) => ifRevision)).toEqual([1, 5]);
    expect(server.asked).toHaveLength(1);
  });

  it('is saved again inside the turn where the store fails at first', async () => {
    const { place, store, server, session, told } = await loaded();
    const refused = await session.token();
    const waiting = watch(session.token({ refused }));
    await flush();
    let failures = 0;
    store.onSave = (write) => (++failures <= 2 ? down() : write());
    server.request(0).answer(tokens(1));
    await flush();
    expect([waiting.state, store.holding, failures]).toEqual(['pending', 1, 1]);
    await pass(1_000);
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(place.record?.tokens?.refreshToken).toBe('rt-1');
    expect(store.holding).toBe(0);
    expect(told()).toEqual(['refreshing', 'refreshed here']);
    expect(server.asked).toHaveLength(1);
  });

  it('is kept in memory where the store stays out of reach, and an event says so', async () => {
    const { place, store, server, session, told } = await loaded();
    const refused = await session.token();
    const waiting = watch(session.token({ refused }));
    await flush();
    store.onSave = down;
    server.request(0).answer(tokens(1));
    await pass(5_000);
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(heldNow(session)).toBe('at-1');
    expect(place.record?.tokens?.refreshToken).toBe('rt-0');
    expect(told()).toEqual(['refreshing', 'save-failed', 'store-degraded memory-only', 'refreshed here']);
  });

  it('is kept in memory where the store hangs, although its waiters were released before', async () => {
    const { store, server, session, told } = await loaded();
    const refused = await session.token();
    const waiting = watch(session.token({ refused }));
    await flush();
    store.onSave = () => new Promise(() => {});
    store.onLoad = () => new Promise(() => {});
    server.request(0).answer(tokens(1));
    await pass(8_000);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    await pass(40_000);
    expect(heldNow(session)).toBe('at-1');
    expect(told()).toContain('store-degraded memory-only');
    expect(server.asked).toHaveLength(1);
    expect(store.holding).toBe(0);
  });

  it('is saved later over the revision last seen in the store, and its refresh token is the one posted', async () => {
    const { place, store, server, session } = await memoryOnly();
    const refused = await session.token();
    const seen = place.record?.revision;
    await pass(20_000);
    watch(session.token({ refused }));
    await flush();
    expect(store.saves.at(-1)).toMatchObject({
      ifRevision: seen,
      next: { tokens: { refreshToken: 'rt-1' } },
    });
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-0', 'rt-1']);
    server.request(1).answer(tokens(2));
    await flush();
    expect(place.record?.tokens?.refreshToken).toBe('rt-2');
    expect(place.record?.revision).toBe((seen ?? 0) + 2);
  });

  it('is put back once the store can be written, over the token that was spent', async () => {
    const { place, store, session } = await memoryOnly();
    store.tell();
    await flush();
    expect(place.record?.tokens).toMatchObject({ accessToken: 'at-1', refreshToken: 'rt-1' });
    expect(heldNow(session)).toBe('at-1');
  });

  it('is put back as a later renewal over an access token that came without another refresh token', async () => {
    const { place, store, session } = await memoryOnly();
    place.put(record(1, { revision: 90, tokens: { accessToken: 'more-at', refreshToken: 'rt-0' } }));
    const other = await loaded({ place });
    expect(heldNow(other.session)).toBe('more-at');
    store.tell();
    await flush();
    other.store.tell();
    expect(place.record).toMatchObject({ generation: 3, tokens: { refreshToken: 'rt-1' } });
    expect([heldNow(session), heldNow(other.session)]).toEqual(['at-1', 'at-1']);
  });

  it('gives way to what another context has written meanwhile', async () => {
    const { place, store, session } = await memoryOnly();
    place.put(record(5, { revision: 90 }));
    store.tell();
    await flush();
    expect(heldNow(session)).toBe('at-5');
    expect(place.record?.revision).toBe(90);
  });

  it('ends with a sign-out that another context has written meanwhile', async () => {
    const { place, store, session } = await memoryOnly();
    place.put({ id: 'alice', revision: 90, generation: 1, boundTo: '', ended: 'signed-out' });
    store.tell();
    await flush();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'elsewhere' });
    expect(place.record?.ended).toBe('signed-out');
  });

  it('is saved before an acquire releases anybody, too', async () => {
    const { place, store, session } = context({
      options: { refresh: undefined, acquire: async () => tokens(1) },
    });
    place.put(undefined);
    const saved = deferred();
    store.onSave = (write) => saved.promise.then(write);
    const waiting = watch(session.token());
    await pass(1_000);
    expect(waiting.state).toBe('pending');
    saved.resolve();
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(place.record?.tokens?.accessToken).toBe('at-1');
  });
});

/** A context whose last refresh could not be saved: the store still holds the token that was spent. */
async function memoryOnly() {
  const made = await loaded();
  const refused = await made.session.token();
  const waiting = watch(made.session.token({ refused }));
  await flush();
  made.store.onSave = down;
  made.server.request(0).answer(tokens(1));
  await pass(5_000);
  expect(waiting.value?.accessToken).toBe('at-1');
  made.store.onSave = undefined;
  return made;
}
