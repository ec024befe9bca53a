import { describe, expect, it } from 'vitest';
import { loaded } from '../support/races-context.js';
import { RacePlace } from '../support/races-place.js';
import { heldNow, pass, raceClock, record, tokens, watch } from '../support/races-tools.js';

const invalidGrant = () => Response.json({ error: 'invalid_grant' }, { status: 400 });
const lost = () => new TypeError('fetch failed');
const unsent = (code: string) =>
  Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('no'), { code }) });

/** A context whose first token request is under way. */
async function asking(about: Parameters<typeof loaded>[0] = {}) {
  const made = await loaded(about);
  const refused = await made.session.token();
  const waiting = watch(made.session.token({ refused }));
  await pass(0);
  return { ...made, refused, waiting };
}

describe('a response that was lost', () => {
  raceClock();

  it('is asked for again with the same refresh token, in the same turn and the same flight', async () => {
    const { place, store, server, session, waiting, told } = await asking();
    const { length } = place.written;
    server.request(0).fail(lost());
    await pass(400);
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-0', 'rt-0']);
    expect([store.holding, waiting.state, place.written.length]).toEqual([1, 'pending', length]);
    server.request(1).answer(tokens(1));
    await pass(0);
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(heldNow(session)).toBe('at-1');
    expect(told()).toEqual(['refreshing', 'refreshed here']);
  });

  it('is asked for no longer than the callers wait', async () => {
    const { server, session, waiting, told } = await asking({ options: { refreshTimeoutMs: 1_000 } });
    await pass(950);
    server.request(0).fail(lost());
    await pass(5_000);
    expect(server.asked).toHaveLength(1);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(session.getSnapshot().status).toBe('signed-in');
    expect(told()).toEqual(['refreshing', 'refresh-failed lost-response']);
  });

  it('is not asked for again where another context has spent the token meanwhile: that is adopted', async () => {
    const { place, store, server, waiting, told } = await asking({ exclusive: false });
    server.request(0).fail(lost());
    place.put(record(1, { revision: 9 }));
    store.tell();
    await pass(3_000);
    expect(server.asked).toHaveLength(1);
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(told().filter((type) => type.startsWith('signed-out'))).toEqual([]);
  });

  it.each([true, false])(
    'and then invalid_grant: the store is read again before the session is given up (exclusive: %s)',
    async (exclusive) => {
      const { place, store, server, session, waiting, told } = await asking({ exclusive });
      server.request(0).fail(lost());
      await pass(400);
      place.put(record(1, { revision: 9 }));
      const { loads } = store;
      server.request(1).answer(invalidGrant());
      await pass(0);
      expect(store.loads).toBeGreaterThan(loads);
      expect(waiting.value?.accessToken).toBe('at-1');
      expect([heldNow(session), place.record?.revision]).toEqual(['at-1', 9]);
      expect(told()).toEqual(['refreshing', 'refreshed elsewhere']);
    },
  );

  it('and then invalid_grant: what another context saves within 2 s is adopted where turns do not exclude', async () => {
    const { place, server, waiting } = await asking({ exclusive: false });
    server.request(0).fail(lost());
    await pass(400);
    server.request(1).answer(invalidGrant());
    await pass(1_800);
    expect(waiting.state).toBe('pending');
    place.put(record(1, { revision: 9 }));
    await pass(200);
    expect(waiting.value?.accessToken).toBe('at-1');
  });

  it('and then invalid_grant: ends the session by a reason of its own where nobody has renewed it', async () => {
    const { place, server, session, waiting, told } = await asking();
    server.request(0).fail(lost());
    await pass(400);
    server.request(1).answer(invalidGrant());
    await pass(0);
    expect(waiting.error).toMatchObject({ code: 'refresh-rejected', signInRequired: true });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
    expect(place.record).toMatchObject({ ended: 'rejected' });
    expect(told()).toEqual(['refreshing', 'signed-out rejected', 'refresh-failed lost-response']);
  });

  it('is the reason also where a later flight is told invalid_grant for the same token', async () => {
    const { server, session, refused, waiting, told } = await asking();
    for (const n of [0, 1, 2]) {
      server.request(n).fail(lost());
      await pass(1_000);
    }
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    await pass(60_000);
    const again = watch(session.token({ refused }));
    await pass(0);
    expect(server.request(3).posted).toBe('rt-0');
    server.request(3).answer(invalidGrant());
    await pass(0);
    expect(again.error).toMatchObject({ code: 'refresh-rejected' });
    expect(told().filter((type) => type.startsWith('refresh-failed'))).toEqual([
      'refresh-failed lost-response',
      'refresh-failed lost-response',
    ]);
  });

  it('is the reason also where the request was cut off at the end of its turn, whether or not it obeys', async () => {
    const { server, session, refused, waiting, told } = await asking();
    await pass(31_000);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    await pass(60_000);
    const again = watch(session.token({ refused }));
    await pass(0);
    server.request(1).answer(invalidGrant());
    await pass(0);
    expect(again.error).toMatchObject({ code: 'refresh-rejected' });
    expect(told().slice(-1)).toEqual(['refresh-failed lost-response']);
  });

  it('is no reason for the next refresh token, once the lost one was renewed after all', async () => {
    const { server, session, waiting, told } = await asking();
    server.request(0).fail(lost());
    await pass(400);
    server.request(1).answer(tokens(1));
    await pass(0);
    expect(waiting.value?.accessToken).toBe('at-1');
    await pass(60_000);
    const next = watch(session.refresh());
    await pass(0);
    server.request(2).answer(invalidGrant());
    await pass(0);
    expect(next.error).toMatchObject({ code: 'refresh-rejected' });
    expect(told().slice(-1)).toEqual(['refresh-failed rejected']);
  });

  it('is one also where no refresh token is held here, but a cookie', async () => {
    const bare = record(0, { tokens: { accessToken: 'at-0' } });
    const { server, session, refused, waiting, told } = await asking({ place: new RacePlace(bare) });
    for (const n of [0, 1, 2]) {
      server.request(n).fail(lost());
      await pass(1_000);
    }
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    await pass(60_000);
    const again = watch(session.token({ refused }));
    await pass(0);
    server.request(3).answer(null);
    await pass(0);
    expect(again.error).toMatchObject({ code: 'refresh-rejected' });
    expect(told().slice(-1)).toEqual(['refresh-failed lost-response']);
  });

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])(
    'is none where nothing was sent (%s): that is tried again, and is a failure like others',
    async (code) => {
      const { server, waiting, told } = await asking();
      for (const n of [0, 1, 2]) {
        server.request(n).fail(unsent(code));
        await pass(1_000);
      }
      expect(server.asked).toHaveLength(3);
      expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
      expect(told()).toEqual(['refreshing', 'refresh-failed unavailable']);
    },
  );

  it('is one where a later try could not be sent', async () => {
    const { server, told } = await asking();
    server.request(0).fail(lost());
    await pass(400);
    server.request(1).fail(unsent('ECONNREFUSED'));
    await pass(1_000);
    server.request(2).answer(invalidGrant());
    await pass(0);
    expect(told().slice(-1)).toEqual(['refresh-failed lost-response']);
  });

  it('is the reason also where a derived token was asked for with the refresh token', async () => {
    const { server, session, told } = await asking();
    server.request(0).answer(tokens(1));
    await pass(0);
    const derived = watch(session.derive({ resource: 'https://files.example.com' }).token());
    await pass(0);
    expect(server.request(1).posted).toBe('rt-1');
    server.request(1).fail(lost());
    await pass(1_000);
    expect(server.request(2).posted).toBe('rt-1');
    server.request(2).answer(invalidGrant());
    await pass(0);
    expect(derived.state).toBe('rejected');
    expect(told().slice(-2)).toEqual(['signed-out rejected', 'refresh-failed lost-response']);
  });
});
