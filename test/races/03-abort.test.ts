import { describe, expect, it, vi } from 'vitest';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { RacePlace } from '../support/races-place.js';
import {
  API,
  corridor,
  flush,
  pass,
  raceClock,
  record,
  resource,
  tokenServer,
  tokens,
  watch,
} from '../support/races-tools.js';

async function signedIn(accepts: (token: string | undefined) => boolean = (token) => token === 'at-1') {
  const place = new RacePlace(record(0));
  const store = place.handle();
  const server = tokenServer();
  const api = resource(accepts);
  const session = createSession({ refresh: server.ask, store });
  await session.ready();
  return { place, store, server, api, session, call: corridor(session, api) };
}

const why = new Error('the user went away');

describe("a caller's abort", () => {
  raceClock();

  it('frees a refused call at once with its own reason, and never the others', async () => {
    const { server, api, call } = await signedIn();
    const leaving = new AbortController();
    const gone = watch(call(`${API}/gone`, { signal: leaving.signal }));
    const others = [1, 2, 3].map(() => watch(call(`${API}/others`)));
    await flush();
    leaving.abort(why);
    await flush();
    expect(gone.error).toBe(why);
    expect(others.map(({ state }) => state)).toEqual(Array(3).fill('pending'));
    expect(server.request(0).context.signal.aborted).toBe(false);
    server.request(0).answer(tokens(1));
    await flush();
    expect(others.map(({ value }) => value?.status)).toEqual([200, 200, 200]);
    expect(api.sent).toEqual([...Array(4).fill('at-0'), ...Array(3).fill('at-1')]);
    expect(server.asked).toHaveLength(1);
  });

  it('frees the caller that began the flight, and the flight goes on for the rest', async () => {
    const { server, session } = await signedIn();
    const refused = await session.token();
    const leaving = new AbortController();
    const first = watch(session.token({ refused, signal: leaving.signal }));
    const second = watch(session.token({ refused }));
    await flush();
    leaving.abort(why);
    await flush();
    expect(first.error).toBe(why);
    server.request(0).answer(tokens(1));
    await flush();
    expect(second.value?.accessToken).toBe('at-1');
    expect(server.asked).toHaveLength(1);
  });

  it('frees one that is held back by the flight of others, and never sends it', async () => {
    const { server, api, call } = await signedIn();
    const refused = watch(call(`${API}/refused`));
    await flush();
    const leaving = new AbortController();
    const held = watch(call(`${API}/held`, { signal: leaving.signal }));
    await flush();
    leaving.abort(why);
    await flush();
    expect(held.error).toBe(why);
    server.request(0).answer(tokens(1));
    await flush();
    expect(refused.state).toBe('fulfilled');
    expect(api.sendings.map(({ url }) => url)).toEqual([`${API}/refused`, `${API}/refused`]);
  });

  it.each(['token', 'refresh', 'expired', 'validForMs'] as const)('frees who waits in %s', async (how) => {
    const { server, session } = await signedIn();
    const { signal, abort } = controller();
    const held = await session.token();
    if (how === 'expired') await pass(300_000);
    if (how === 'validForMs') await pass(100_000);
    const waiting = watch(
      how === 'refresh'
        ? session.refresh({ signal })
        : how === 'token'
          ? session.token({ refused: held, signal })
          : how === 'expired'
            ? session.token({ signal })
            : session.token({ validForMs: 240_000, signal }),
    );
    await flush();
    expect(server.asked).toHaveLength(1);
    expect(waiting.state).toBe('pending');
    abort();
    await flush();
    expect(waiting.error).toBe(why);
    server.request(0).answer(tokens(1));
    await flush();
    expect((await session.token()).accessToken).toBe('at-1');
    expect(server.asked).toHaveLength(1);
  });

  it('frees who waits for a slow load, and the load still counts', async () => {
    const place = new RacePlace(record(0));
    const store = place.handle();
    const loaded = deferred();
    store.onLoad = (read) => loaded.promise.then(read);
    const session = createSession({ refresh: tokenServer().ask, store });
    const { signal, abort } = controller();
    const waiting = watch(session.token({ signal }));
    const other = watch(session.token());
    await flush();
    abort();
    await flush();
    expect(waiting.error).toBe(why);
    loaded.resolve();
    await flush();
    expect(other.value?.accessToken).toBe('at-0');
    expect(store.loads).toBe(1);
  });

  it('leaves no rejection to nobody when the abandoned load fails', async () => {
    const place = new RacePlace(record(0));
    const store = place.handle();
    const broken = deferred<undefined>();
    store.onLoad = () => broken.promise;
    const session = createSession({ refresh: tokenServer().ask, store });
    const { signal, abort } = controller();
    const waiting = watch(session.token({ signal }));
    abort();
    broken.reject(new Error('down'));
    await flush();
    expect(waiting.error).toBe(why);
  });

  it('frees who waits for a turn that another context has, and the flight still gets it', async () => {
    const { place, server, session } = await signedIn();
    const refused = await session.token();
    const giveBack = place.occupy();
    const { signal, abort } = controller();
    const waiting = watch(session.token({ refused, signal }));
    await flush();
    abort();
    await flush();
    expect(waiting.error).toBe(why);
    giveBack();
    await flush();
    server.request(0).answer(tokens(1));
    await flush();
    expect(place.record?.tokens?.accessToken).toBe('at-1');
  });

  it('leaves a flight that commits although nobody waits any more', async () => {
    const { place, server, session, api, call } = await signedIn();
    const leaving = new AbortController();
    const calls = Array.from({ length: 20 }, () => watch(call(`${API}/me`, { signal: leaving.signal })));
    await flush();
    leaving.abort(why);
    await flush();
    expect(calls.every(({ error }) => error === why)).toBe(true);
    expect(server.request(0).context.signal.aborted).toBe(false);
    await pass(15_000);
    server.request(0).answer(tokens(1));
    await flush();
    expect(place.record?.tokens).toMatchObject({ accessToken: 'at-1', refreshToken: 'rt-1' });
    expect((await session.token()).accessToken).toBe('at-1');
    expect(server.asked).toHaveLength(1);
    expect(api.sent).toEqual(Array(20).fill('at-0'));
  });

  it('leaves no rejection to nobody when the abandoned flight fails', async () => {
    const { server, session } = await signedIn();
    const refused = await session.token();
    const { signal, abort } = controller();
    const waiting = watch(session.token({ refused, signal }));
    await flush();
    abort();
    server.request(0).fail(new Error('a bug'));
    await flush();
    expect(waiting.error).toBe(why);
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('leaves no listener on the signal once the call is over', async () => {
    const { server, session } = await signedIn();
    const refused = await session.token();
    const { signal } = controller();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const renewing = session.token({ refused, signal });
    await flush();
    server.request(0).answer(tokens(1));
    await renewing;
    await flush();
    expect(added.mock.calls.length).toBeGreaterThan(0);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });

  it('asks for nothing where it came before the call', async () => {
    const { server, call } = await signedIn();
    const gone = watch(call(`${API}/gone`, { signal: AbortSignal.abort(why) }));
    await flush();
    expect(gone.error).toBe(why);
    expect(server.asked).toHaveLength(0);
  });
});

function controller() {
  const own = new AbortController();
  return { signal: own.signal, abort: () => own.abort(why) };
}
