import { describe, expect, it } from 'vitest';
import type { Renewed } from '../../src/session/grant.js';
import { loaded } from '../support/races-context.js';
import { RacePlace } from '../support/races-place.js';
import {
  flush,
  heldNow,
  pass,
  raceClock,
  record,
  tokens,
  unauthorized,
  watch,
} from '../support/races-tools.js';

const invalidGrant = () => Response.json({ error: 'invalid_grant' }, { status: 400 });

/** A refresh whose request is under way. */
async function asking(about: Parameters<typeof loaded>[0] = {}) {
  const made = await loaded(about);
  const refused = await made.session.token();
  const waiting = watch(made.session.token({ refused }));
  await flush();
  return { ...made, waiting };
}

const tombstone = (ended: 'signed-out' | 'rejected', revision: number) =>
  ({ id: 'alice', revision, generation: 1, boundTo: '', ended }) as const;

describe('a rejected refresh token', () => {
  raceClock();

  it.each<[string, () => Renewed]>([
    ['invalid_grant', invalidGrant],
    ['a 401 of a home-made endpoint', unauthorized],
    ['a 403 of a home-made endpoint', () => new Response(null, { status: 403 })],
    ['null', () => null],
  ])('ends the session on %s, and leaves a tombstone without tokens', async (_, answer) => {
    const { place, server, session, waiting, told } = await asking();
    server.request(0).answer(answer());
    await flush();
    expect(waiting.error).toMatchObject({ code: 'refresh-rejected', signInRequired: true });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
    expect(place.record).toMatchObject({ id: 'alice', ended: 'rejected' });
    expect(place.record).not.toHaveProperty('tokens');
    expect(told()).toEqual(['refreshing', 'signed-out rejected', 'refresh-failed rejected']);
    expect(server.asked).toHaveLength(1);
  });

  it('ends the session of one without a refresh token as well', async () => {
    const bare = record(0, { tokens: { accessToken: 'at-0' } });
    const { place, server, session, waiting } = await asking({ place: new RacePlace(bare) });
    server.request(0).answer(unauthorized());
    await flush();
    expect(waiting.error).toMatchObject({ code: 'refresh-rejected' });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
    expect(place.record?.ended).toBe('rejected');
  });

  it('ends nothing where the store holds another refresh token: that is adopted', async () => {
    const { place, server, session, waiting, told } = await asking();
    place.put(record(1, { revision: 9 }));
    server.request(0).answer(invalidGrant());
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(heldNow(session)).toBe('at-1');
    expect(place.record?.revision).toBe(9);
    expect(told()).toEqual(['refreshing', 'refreshed elsewhere']);
  });

  it('ends nothing where the store holds another sign-in by now', async () => {
    const { place, server, session, waiting, told } = await asking();
    place.put(record(7, { id: 'bob', revision: 9 }));
    server.request(0).answer(invalidGrant());
    await flush();
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
    expect(heldNow(session)).toBe('at-7');
    expect(place.record?.id).toBe('bob');
    expect(told()).not.toContain('signed-out rejected');
  });

  it('ends nothing where the store cannot be read', async () => {
    const { place, store, server, session, waiting, told } = await asking();
    store.onLoad = () => Promise.reject(new Error('down'));
    server.request(0).answer(invalidGrant());
    await flush();
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(session.getSnapshot().status).toBe('signed-in');
    expect(place.record?.ended).toBeUndefined();
    expect(told()).toEqual(['refreshing', 'refresh-failed unavailable']);
  });

  it('ends nothing where the tombstone meets a renewal that came first', async () => {
    const { place, store, server, session, waiting } = await asking();
    store.onSave = (write) => {
      store.onSave = undefined;
      place.put(record(1, { revision: 9 }));
      return write();
    };
    server.request(0).answer(invalidGrant());
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(place.record).toMatchObject({ revision: 9, tokens: { refreshToken: 'rt-1' } });
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('ends it although another context has only noted something beside the token', async () => {
    const { place, server, waiting } = await asking();
    place.put(record(0, { revision: 9, notBefore: Date.now() + 5_000 }));
    server.request(0).answer(invalidGrant());
    await flush();
    expect(waiting.error).toMatchObject({ code: 'refresh-rejected' });
    expect(place.record).toMatchObject({ revision: 10, ended: 'rejected' });
  });

  it('is read again for up to 2 s where the store is not exclusive', async () => {
    const { place, server, session, waiting, told } = await asking({ exclusive: false });
    server.request(0).answer(invalidGrant());
    await pass(1_900);
    expect(waiting.state).toBe('pending');
    place.put(record(1, { revision: 9 }));
    await pass(100);
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(heldNow(session)).toBe('at-1');
    expect(told().filter((type) => type.startsWith('signed-out'))).toEqual([]);
  });

  it('ends it after those 2 s where the store is not exclusive and still holds it', async () => {
    const { place, store, server, waiting } = await asking({ exclusive: false });
    const { loads } = store;
    server.request(0).answer(invalidGrant());
    await pass(1_999);
    expect(waiting.state).toBe('pending');
    expect(store.loads - loads).toBeGreaterThan(3);
    await pass(1);
    expect(waiting.error).toMatchObject({ code: 'refresh-rejected' });
    expect(place.record?.ended).toBe('rejected');
  });

  it('is overwritten by a higher revision of the same id: the session is back', async () => {
    const { place, store, server, session, told } = await asking();
    server.request(0).answer(invalidGrant());
    await flush();
    place.put(record(1, { revision: 90 }));
    store.tell();
    await flush();
    expect(heldNow(session)).toBe('at-1');
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-in' });
    expect(told().slice(-1)).toEqual(['signed-in elsewhere']);
  });

  it('is overwritten where another context rejected it while this one was renewing', async () => {
    const { place, server, waiting } = await asking();
    place.put(tombstone('rejected', 9));
    server.request(0).answer(tokens(1));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(place.record).toMatchObject({ revision: 10, tokens: { refreshToken: 'rt-1' } });
  });

  it('is not overwritten with what was minted before the tokens that were rejected', async () => {
    const { place, server, session } = await asking();
    place.put({ ...tombstone('rejected', 9), generation: 3 });
    server.request(0).answer(tokens(1));
    await flush();
    expect(place.record).toMatchObject({ revision: 9, ended: 'rejected' });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
  });

  it.each(['here', 'elsewhere'] as const)(
    'does not come back as a sign-out %s does not: no revision overwrites it',
    async (where) => {
      const { place, store, session } = await loaded();
      if (where === 'here') await session.signOut();
      else {
        place.put(tombstone('signed-out', 9));
        store.tell();
      }
      await flush();
      place.put(record(1, { revision: 90 }));
      store.tell();
      await flush();
      expect(session.getSnapshot()).toMatchObject({ status: 'signed-out' });
      expect(heldNow(session)).toBeUndefined();
    },
  );

  it('is told as a lost response where a request before it was lost on the way', async () => {
    const { server, waiting, told } = await asking();
    server.request(0).fail(new TypeError('fetch failed'));
    await pass(1_000);
    server.request(1).answer(invalidGrant());
    await flush();
    expect(waiting.error).toMatchObject({ code: 'refresh-rejected' });
    expect(told()).toContain('refresh-failed lost-response');
  });

  it('is ended once by contexts that share the store, and posted once', async () => {
    const place = new RacePlace(record(0));
    const [a, b] = [await loaded({ place }), await loaded({ place })];
    const refused = await a.session.token();
    const waiting = [a, b].map(({ session }) => watch(session.token({ refused })));
    await flush();
    a.server.request(0).answer(invalidGrant());
    await flush();
    expect(waiting.map(({ error }) => (error as { code?: string }).code)).toEqual([
      'refresh-rejected',
      'refresh-rejected',
    ]);
    expect(b.server.asked).toHaveLength(0);
    expect(b.session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
  });
});
