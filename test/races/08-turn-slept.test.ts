import { describe, expect, it, vi } from 'vitest';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { loaded } from '../support/races-context.js';
import { RacePlace } from '../support/races-place.js';
import { flush, pass, raceClock, record, START, tokens, watch } from '../support/races-tools.js';

/** The clock goes on, and no timer runs: as in a page that is frozen, or a process that is stopped. */
const sleep = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe('a turn that was slept through', () => {
  raceClock();

  it('posts nothing that another context has spent meanwhile: it takes what that left', async () => {
    const { place, store, server, session } = await loaded();
    const refused = await session.token();
    const slow = deferred();
    let saves = 0;
    // Written, but the answer comes when it wakes.
    store.onSave = (write) => {
      if (saves++ > 0) return write();
      write();
      return slow.promise.then(() => true);
    };
    const waiting = watch(session.token({ refused }));
    await flush();
    expect(place.record?.holderUntil).toBe(START + 30_000);
    sleep(30_000);
    place.put(record(5));
    slow.resolve();
    await flush();
    expect(server.asked).toHaveLength(0);
    expect(waiting.value).toMatchObject({ accessToken: 'at-5' });
  });

  it('holds it anew where nobody has taken it', async () => {
    const { store, server, session } = await loaded();
    const refused = await session.token();
    const slow = deferred();
    const { save } = store;
    let saves = 0;
    store.save = (next, ifRevision) => {
      const saved = save.call(store, next, ifRevision);
      return saves++ > 0 ? saved : slow.promise.then(() => saved);
    };
    const waiting = watch(session.token({ refused }));
    await flush();
    sleep(30_000);
    slow.resolve();
    await flush();
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-0']);
    server.request(0).answer(tokens(1));
    await flush();
    expect(waiting.value).toMatchObject({ accessToken: 'at-1' });
  });

  it('is not asked again after a pause that took longer than its callers wait', async () => {
    const { server, session } = await loaded();
    const refused = await session.token();
    const waiting = watch(session.token({ refused }));
    await flush();
    server.request(0).answer(new Response(null, { status: 503 }));
    await flush();
    sleep(8_000);
    await pass(1_000);
    expect(server.asked).toHaveLength(1);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
  });
});

describe('the stamp of a turn', () => {
  raceClock();

  it('is as long as a user may take who is asked in it: nobody robs a prompt', async () => {
    const place = new RacePlace(record(0, { tokens: { accessToken: 'at-0' } }));
    const acquire = Object.assign(() => new Promise<never>(() => {}), { promptMs: 600_000 });
    const session = createSession({ acquire, store: place.handle() });
    const refused = await session.token();
    void session.token({ refused }).catch(() => {});
    await flush();
    expect(place.record?.holderUntil).toBe(START + 600_000);
    await session.close();
    await pass(700_000);
  });
});
