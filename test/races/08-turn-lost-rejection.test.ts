import { describe, expect, it } from 'vitest';
import { loaded } from '../support/races-context.js';
import { RacePlace } from '../support/races-place.js';
import { flush, heldNow, raceClock, record, tokens, watch } from '../support/races-tools.js';

describe('who lost the turn', () => {
  raceClock();

  it('cannot end the session for the next holder, whose store tells of every write', async () => {
    const place = new RacePlace(record(0));
    const [a, b] = [await loaded({ place }), await loaded({ place })];
    const refused = await a.session.token();
    watch(a.session.token({ refused }));
    const waiting = watch(b.session.token({ refused }));
    await flush();
    a.store.lose();
    await flush();
    // B's request came first at the server, A's second: rt-0 is spent
    a.server.request(0).answer(null);
    await flush();
    b.store.tell();
    await flush();
    b.server.request(0).answer(tokens(1));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(heldNow(b.session)).toBe('at-1');
    expect(b.revoked).toEqual([]);
    expect([...a.told(), ...b.told()].filter((told) => told.startsWith('signed-out'))).toEqual([]);
  });

  it('finds a rejection overwritten by the tokens that another context was just given', async () => {
    const place = new RacePlace(record(0));
    const b = await loaded({ place, exclusive: false });
    const waiting = watch(b.session.token({ refused: await b.session.token() }));
    await flush();
    place.put({ id: 'alice', revision: 9, generation: 1, boundTo: '', ended: 'rejected' });
    b.store.tell();
    await flush();
    b.server.request(0).answer(tokens(1));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(place.record).toMatchObject({ revision: 10, tokens: { refreshToken: 'rt-1' } });
    expect(b.revoked).toEqual([]);
  });
});
