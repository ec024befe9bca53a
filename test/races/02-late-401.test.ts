import { describe, expect, it } from 'vitest';
import { sessionCore } from '../../src/protocol/session-core.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
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
  tokenServer,
  tokens,
  watch,
} from '../support/races-tools.js';

async function signedIn(expiresIn: number | null = null) {
  const server = tokenServer();
  const api = resource();
  const session = createSession({ refresh: server.ask });
  await session.signIn(tokens(0, expiresIn));
  return { server, api, session, call: corridor(session, api) };
}

describe('late 401', () => {
  raceClock();

  it('is replayed with the new token and refreshes nothing', async () => {
    const { server, api, call } = await signedIn();
    const late = watch(call(`${API}/late`));
    const early = watch(call(`${API}/early`));
    api.sending(1).refuse();
    await flush();
    server.request(0).answer(tokens(1));
    await flush();
    api.sending(2).accept();
    await flush();
    expect(early.state).toBe('fulfilled');
    await pass(60_000);
    api.sending(0).refuse();
    await flush();
    api.sending(3).accept();
    await flush();
    expect(late.value?.status).toBe(200);
    expect(api.sent).toEqual(['at-0', 'at-0', 'at-1', 'at-1']);
    expect(server.asked).toHaveLength(1);
  });

  it('is replayed with the newest token when it is two renewals late', async () => {
    const { server, api, session, call } = await signedIn();
    const late = watch(call(`${API}/late`));
    for (const n of [1, 2]) {
      const renewing = session.refresh();
      await flush();
      server.request(n - 1).answer(tokens(n, null));
      await renewing;
    }
    api.sending(0).refuse();
    await flush();
    api.sending(1).accept();
    await flush();
    expect(late.state).toBe('fulfilled');
    expect(api.sent).toEqual(['at-0', 'at-2']);
    expect(server.asked).toHaveLength(2);
  });

  it('is answered in the same tick, without a promise', async () => {
    const { server, session } = await signedIn();
    const core = session[sessionCore];
    const begun = core.begin();
    const refused = core.current(begun);
    if (!refused || refused instanceof Promise) throw new Error('held at once');
    const renewing = session.refresh();
    await flush();
    server.request(0).answer(tokens(1, null));
    await renewing;
    expect(core.replace(refused, begun, undefined, undefined)).toMatchObject({
      held: { accessToken: 'at-1' },
      minted: false,
    });
  });

  it('refreshes nothing through token({ refused })', async () => {
    const { server, session } = await signedIn();
    const refused = await session.token();
    const first = session.token({ refused });
    await flush();
    server.request(0).answer(tokens(1, null));
    await first;
    const late = await Promise.all(Array.from({ length: 10 }, () => session.token({ refused })));
    expect(late.map(({ accessToken }) => accessToken)).toEqual(Array(10).fill('at-1'));
    expect(server.asked).toHaveLength(1);
  });

  it('renews once where the new token has expired meanwhile', async () => {
    const { server, api, session, call } = await signedIn(300);
    const late = watch(call(`${API}/late`));
    const renewing = session.refresh();
    await flush();
    server.request(0).answer(tokens(1, 300));
    await renewing;
    await pass(301_000);
    api.sending(0).refuse();
    await flush();
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-0', 'rt-1']);
    server.request(1).answer(tokens(2, 300));
    await flush();
    api.sending(1).accept();
    await flush();
    expect(late.state).toBe('fulfilled');
    expect(api.sent).toEqual(['at-0', 'at-2']);
  });

  it('tries a new token once that was expired when it arrived', async () => {
    const { server, api, session, call } = await signedIn(null);
    const late = watch(call(`${API}/late`));
    const renewing = session.refresh();
    await flush();
    server.request(0).answer(tokens(1, 0));
    await renewing;
    await pass(20_000);
    api.sending(0).refuse();
    await flush();
    expect(api.sent).toEqual(['at-0', 'at-1']);
    expect(server.asked).toHaveLength(1);
    api.sending(1).refuse();
    await flush();
    server.request(1).answer(tokens(2));
    await flush();
    api.sending(2).accept();
    await flush();
    expect(late.state).toBe('fulfilled');
    expect(server.asked).toHaveLength(2);
  });

  it('takes what another context has renewed, and asks for nothing', async () => {
    const place = new RacePlace(record(0));
    const server = tokenServer();
    const api = resource((token) => token === 'at-1');
    const session = createSession({ refresh: server.ask, store: place.handle() });
    expect(heldNow(session)).toBe('at-0');
    place.put(record(1));
    const response = await corridor(session, api)(`${API}/me`);
    expect(response.status).toBe(200);
    expect(api.sent).toEqual(['at-0', 'at-1']);
    expect(server.asked).toHaveLength(0);
  });

  it('renews what was adopted where that is refused too', async () => {
    const place = new RacePlace(record(0));
    const server = tokenServer();
    const api = resource((token) => token === 'at-2');
    const session = createSession({ refresh: server.ask, store: place.handle() });
    expect(heldNow(session)).toBe('at-0');
    place.put(record(1));
    const call = watch(corridor(session, api)(`${API}/me`));
    await flush();
    server.request(0).answer(tokens(2));
    await flush();
    expect(call.value?.status).toBe(200);
    expect(api.sent).toEqual(['at-0', 'at-1', 'at-2']);
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-1']);
  });

  it('begins a flight of its own where the one it joined was for an older token', async () => {
    const place = new RacePlace(record(0));
    const store = place.handle();
    const server = tokenServer();
    const api = resource();
    const session = createSession({ refresh: server.ask, store });
    await session.ready();
    const call = corridor(session, api);
    const calls = [1, 2].map(() => watch(call(`${API}/me`)));
    // Its turn has begun, and is slow to see what there is.
    const slow = deferred();
    store.onLoad = (read) => {
      store.onLoad = undefined;
      return slow.promise.then(read);
    };
    api.sending(0).refuse();
    await flush();
    place.put(record(1));
    store.tell();
    api.sending(1).refuse();
    await flush();
    expect(api.sent).toEqual(['at-0', 'at-0', 'at-1']);
    api.sending(2).refuse();
    await flush();
    slow.resolve();
    await flush();
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-1']);
    server.request(0).answer(tokens(2));
    await flush();
    expect(api.sent.slice(3).sort()).toEqual(['at-1', 'at-2']);
    for (const sending of api.sendings) sending.accept();
    await flush();
    expect(calls.map(({ value }) => value?.status)).toEqual([200, 200]);
    expect(server.asked).toHaveLength(1);
  });
});
