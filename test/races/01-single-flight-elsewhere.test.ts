import { describe, expect, it } from 'vitest';
import { loaded } from '../support/races-context.js';
import { RacePlace } from '../support/races-place.js';
import { flush, pass, raceClock, record, START, tokens, watch } from '../support/races-tools.js';

describe('a context that waits for its turn', () => {
  raceClock();

  it('takes what another one has renewed as soon as it is told, without a turn of its own', async () => {
    const place = new RacePlace(record(0));
    const [a, b] = [await loaded({ place }), await loaded({ place })];
    const refused = await a.session.token();
    const asking = watch(a.session.token({ refused }));
    await flush();
    const waiting = watch(b.session.token({ refused: await b.session.token() }));
    await flush();
    a.server.request(0).answer(tokens(1));
    // The turn is kept by somebody: what is saved is there to be read.
    const free = place.free.bind(place);
    place.free = () => {};
    await flush();
    expect(asking.value?.accessToken).toBe('at-1');
    expect(waiting.state).toBe('pending');
    b.store.tell();
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
    expect([b.server.asked.length, b.store.holding]).toEqual([0, 0]);
    expect(b.told()).toEqual(['refreshed elsewhere']);
    place.free = free;
  });

  it('goes on waiting where what it is told is the same, or has expired', async () => {
    const place = new RacePlace(record(0));
    const b = await loaded({ place });
    const free = place.occupy();
    const waiting = watch(b.session.token({ refused: await b.session.token() }));
    await flush();
    place.put({ ...record(0), revision: 7, holderUntil: START + 30_000 });
    b.store.tell();
    await flush();
    place.put(record(3, { revision: 8, mintedAt: START - 20_000, expiresAt: START - 10_000 }));
    b.store.tell();
    await flush();
    expect(waiting.state).toBe('pending');
    free();
    await flush();
    expect(b.server.asked.map(({ posted }) => posted)).toEqual(['rt-3']);
    b.server.request(0).answer(tokens(4));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-4');
  });

  it('is told nothing twice: the wait that was given up fails nobody later', async () => {
    const place = new RacePlace(record(0));
    const b = await loaded({ place });
    const free = place.occupy();
    const waiting = watch(b.session.token({ refused: await b.session.token() }));
    await flush();
    place.put(record(1));
    b.store.tell();
    await flush();
    free();
    await pass(20_000);
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(b.told()).toEqual(['refreshed elsewhere']);
  });
});
