import { describe, expect, it, vi } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { createSession } from '../../src/session/session.js';
import type { SessionOptions } from '../../src/session/types.js';
import { deferred } from '../support/deferred.js';
import { shared } from '../support/races-handle.js';
import { RacePlace } from '../support/races-place.js';
import { endingRequests } from '../support/races-requests.js';
import { flush, pass, raceClock, record, START, tokenServer, tokens, watch } from '../support/races-tools.js';

const TOMORROW = START + 86_400_000;

/** A session in the scope of a module, and the server that it asks. */
function worker(options: SessionOptions = {}) {
  const server = tokenServer();
  const events: SessionEvent[] = [];
  const session = createSession({
    refresh: server.ask,
    store: memoryStore({ ...tokens(0), expires_in: 86_400 }),
    observe: (event) => events.push(event),
    ...options,
  });
  const failures = () => events.flatMap((event) => (event.type === 'refresh-failed' ? [event.reason] : []));
  const refused = async () => ({ refused: await session.token() });
  return { server, session, failures, refused };
}

describe('a refresh whose request has ended', () => {
  raceClock();
  const request = endingRequests();

  it('is begun again by one of those who wait, 1.5 s after it was last heard of', async () => {
    const { server, session, refused, failures } = worker();
    const about = await refused();
    const [first, second, third] = [request(), request(), request()];
    watch(first.run(() => session.token(about)));
    await flush();
    first.end();
    const waiting = [second, third].map((one) => watch(one.run(() => session.token(about))));
    await pass(1_499);
    expect(server.asked).toHaveLength(1);
    await pass(100);
    expect(server.asked.map(({ posted }) => posted)).toEqual(['rt-0', 'rt-0']);
    expect(failures()).toEqual(['lost-response']);
    server.request(1).answer(tokens(1));
    await flush();
    expect(waiting.map(({ value }) => value?.accessToken)).toEqual(['at-1', 'at-1']);
    expect(server.asked).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is begun again in 100 ms by who comes later', async () => {
    const { server, session, refused } = worker();
    const about = await refused();
    const first = request();
    watch(first.run(() => session.token(about)));
    await flush();
    first.end();
    await pass(60_000);
    const waiting = watch(request().run(() => session.token(about)));
    await pass(100);
    expect(server.asked).toHaveLength(2);
    server.request(1).answer(tokens(1));
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
  });

  it('is not begun again while its request lives, however slow the answer is', async () => {
    const { server, session, refused } = worker();
    const about = await refused();
    const waiting = [request(), request()].map((one) => watch(one.run(() => session.token(about))));
    await pass(7_900);
    expect(server.asked).toHaveLength(1);
    server.request(0).answer(tokens(1));
    await flush();
    expect(waiting.map(({ value }) => value?.accessToken)).toEqual(['at-1', 'at-1']);
  });

  it('has its store read first: what was saved meanwhile is taken, and nothing posted', async () => {
    const place = shared(record(0, { expiresAt: TOMORROW }));
    const { server, session, refused } = worker({ store: place.handle() });
    const about = await refused();
    const first = request();
    watch(first.run(() => session.token(about)));
    await flush();
    first.end();
    // its save came through, and nothing after it
    place.record = record(1, { revision: (place.record?.revision ?? 0) + 1, expiresAt: TOMORROW });
    const waiting = watch(request().run(() => session.token(about)));
    await pass(1_600);
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(server.asked).toHaveLength(1);
  });

  it('saves an answer that comes all the same, as any late one', async () => {
    const { server, session, refused } = worker();
    const about = await refused();
    const first = request();
    const leaving = watch(first.run(() => session.token(about)));
    await flush();
    first.end();
    const waiting = watch(request().run(() => session.token(about)));
    await pass(1_600);
    server.request(0).answer(tokens(1));
    await flush();
    expect(leaving.value?.accessToken).toBe('at-1');
    server.request(1).fail(new TypeError('fetch failed'));
    await pass(1_000);
    expect(waiting.value?.accessToken).toBe('at-1');
    expect((await session.token()).accessToken).toBe('at-1');
    expect(server.asked).toHaveLength(2);
  });

  it('is a failure like others where that happens again and again', async () => {
    const { server, session, refused, failures } = worker();
    const about = await refused();
    for (let n = 1; n <= 3; n++) {
      const one = request();
      watch(one.run(() => session.token(about)));
      await pass(200);
      expect(server.asked).toHaveLength(n);
      one.end();
      await pass(2_000);
    }
    const next = watch(request().run(() => session.token(about)));
    await pass(200);
    expect(failures()).toEqual(['lost-response', 'lost-response', 'lost-response']);
    expect(next.error).toMatchObject({ code: 'refresh-unavailable', retryAt: expect.any(Number) });
    expect(server.asked).toHaveLength(3);
  });

  it('holds no timer that another request waits by', async () => {
    const { server, session, refused } = worker();
    const about = await refused();
    const [owner, first, second] = [request(), request(), request()];
    watch(owner.run(() => session.refresh()));
    await pass(1_000);
    watch(first.run(() => session.token(about)));
    const waiting = watch(second.run(() => session.token(about)));
    first.end();
    await pass(7_999);
    expect(waiting.state).toBe('pending');
    await pass(1);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(server.asked).toHaveLength(1);
  });

  it('is not aborted by another request, which signs out all the same', async () => {
    const prompt = Object.assign(() => new Promise<never>(() => {}), { promptMs: 60_000 });
    const session = createSession({ acquire: prompt });
    const waiting = watch(request().run(() => session.signIn()));
    await flush();
    const leaving = watch(request().run(() => session.signOut()));
    await flush();
    expect(leaving).toMatchObject({ state: 'fulfilled' });
    expect(waiting.error).toMatchObject({ code: 'signed-out' });
  });
});

describe('other work whose request has ended', () => {
  raceClock();
  const request = endingRequests();

  it('a load is begun again', async () => {
    const place = new RacePlace(record(0, { expiresAt: TOMORROW }));
    const store = place.handle();
    store.onLoad = () => new Promise(() => {});
    const { session } = worker({ store });
    const first = request();
    watch(first.run(() => session.token()));
    await flush();
    first.end();
    store.onLoad = async (read) => read();
    const waiting = watch(request().run(() => session.token()));
    await pass(1_500);
    expect(waiting.value?.accessToken).toBe('at-0');
    expect(store.loads).toBe(2);
  });

  it('a sign-in that is being written does not keep what the store brings away for ever', async () => {
    const place = new RacePlace(record(0, { expiresAt: TOMORROW }));
    const store = place.handle();
    const { session } = worker({ store });
    await session.token();
    const first = request();
    store.onSave = () => new Promise(() => {});
    watch(first.run(() => session.signIn({ ...tokens(5), expires_in: 86_400 })));
    await flush();
    first.end();
    store.onSave = undefined;
    await pass(2_000);
    place.put(record(9, { id: 'bob', revision: 99, expiresAt: TOMORROW }));
    request().run(() => store.tell());
    await flush();
    expect((await session.token()).accessToken).toBe('at-9');
  });

  it('a save does not hold up the sign-out that follows', async () => {
    const place = new RacePlace(record(0, { expiresAt: TOMORROW }));
    const store = place.handle();
    const { session } = worker({ store });
    await session.token();
    const first = request();
    store.onSave = () => new Promise(() => {});
    watch(first.run(() => session.signIn({ ...tokens(5), expires_in: 86_400 })));
    await flush();
    first.end();
    store.onSave = undefined;
    const leaving = watch(request().run(() => session.signOut()));
    await pass(1_500);
    expect(leaving.state).toBe('fulfilled');
    expect(place.record).toMatchObject({ ended: 'signed-out' });
  });

  it('who is signed in is asked again', async () => {
    const user = vi.fn(async () => new Promise<string>(() => {}));
    const session = createCookieSession({ refresh: async () => new Response('{}'), user });
    const first = request();
    watch(first.run(() => session.ready()));
    await flush();
    expect(user).toHaveBeenCalledTimes(1);
    first.end();
    user.mockImplementation(async () => 'Ada');
    const waiting = watch(request().run(() => session.ready()));
    await pass(1_500);
    expect(waiting.value).toMatchObject({ user: 'Ada' });
    expect(user).toHaveBeenCalledTimes(2);
  });

  it('a step-up is waited for no longer', async () => {
    const stepUp = vi.fn(() => new Promise<never>(() => {}));
    const { session, refused } = worker({ stepUp });
    const challenge = {
      scheme: 'bearer',
      params: { error: 'insufficient_scope', scope: 'write' },
      token68: undefined,
    };
    const about = { ...(await refused()), challenge };
    const first = request();
    watch(first.run(() => session.token(about)));
    await flush();
    first.end();
    const waiting = watch(request().run(() => session.token(about)));
    await pass(2_000);
    // a server may be believed once
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(stepUp).toHaveBeenCalledTimes(1);
  });
});

describe('waitUntil', () => {
  raceClock();
  endingRequests();

  it('is told of every work that may outlive its request: refreshes, sign-ins, sign-outs, revocations', async () => {
    const works: Promise<unknown>[] = [];
    const revoked = deferred<void>();
    const { server, session } = worker({
      waitUntil: (work) => void works.push(work),
      revoke: () => revoked.promise,
    });
    const told = async (work: () => Promise<unknown>) => {
      works.length = 0;
      const doing = work();
      await flush();
      const n = works.length;
      server.asked.at(-1)?.answer(tokens(1));
      revoked.resolve();
      await doing;
      await Promise.all(works);
      return n;
    };
    expect(await told(() => session.refresh())).toBe(1);
    expect(await told(() => session.signIn(tokens(2)))).toBe(1);
    expect(await told(() => session.signOut())).toBe(2);
  });
});
