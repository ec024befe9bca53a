import { createAuthClient, createAuthFetch } from 'latchkey';
import { group } from '../group.ts';
import { counted, refusedNext, signedIn, times } from '../session.ts';

export const aborts = group('abort and timeout', {
  'a call that is aborted before it begins is never sent': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    const controller = new AbortController();
    controller.abort();
    const { signal } = controller;
    const error = await t.expect.rejects(authFetch(`${realm.url}/api/x`, { signal }), 'the call');
    t.expect.equal(error.name, 'AbortError', 'the error');
    t.expect.equal(await counted(realm, 'requests'), { requests: 0 }, 'at the server');
  },

  'a call that is aborted under way rejects at once, and its connection ends': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    await realm.hold('a');
    const controller = new AbortController();
    const { signal } = controller;
    const call = t.expect.rejects(authFetch(`${realm.url}/api/x?gate=a`, { signal }), 'the call');
    await realm.until({ held: 1 });
    controller.abort();
    t.expect.equal((await call).name, 'AbortError', 'the error');
    await realm.until({ closed: 1 });
    await realm.release('a');
    t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 0, requests: 1 }, 'at the server');
  },

  'the reason that was given is what the call rejects with under way': {
    async run(t) {
      const { realm, authFetch } = await signedIn(t);
      await realm.hold('a');
      const controller = new AbortController();
      const reason = new Error('left the page');
      const { signal } = controller;
      const call = t.expect.rejects(authFetch(`${realm.url}/api/x?gate=a`, { signal }), 'the call');
      await realm.until({ held: 1 });
      controller.abort(reason);
      const error = await call;
      await realm.release('a');
      t.expect.equal(error.message, reason.message, 'the error');
    },
  },

  'a call that is aborted while it waits for the refresh is freed, and the others are not disturbed': async (
    t,
  ) => {
    const { realm, authFetch } = await refusedNext(t);
    await realm.hold('token');
    const controller = new AbortController();
    const { signal } = controller;
    const given = t.expect.rejects(authFetch(`${realm.url}/api/given-up`, { signal }), 'the call');
    const others = times(3, (n) => authFetch(`${realm.url}/api/${n}`));
    await realm.until({ refused: 4, held: 1 });
    controller.abort();
    t.expect.equal((await given).name, 'AbortError', 'the error');
    await realm.release('token');
    t.expect.equal(
      (await others).map(({ status }) => status),
      [200, 200, 200],
      'the others',
    );
    const seen = await counted(realm, 'tokens', 'requests', 'reuse');
    t.expect.equal(seen, { tokens: 1, requests: 7, reuse: 0 }, 'at the server');
  },

  'the reason that was given is what a waiting call rejects with': {
    needs: ['abort-reasons'],
    async run(t) {
      const { realm, authFetch } = await refusedNext(t);
      await realm.hold('token');
      const controller = new AbortController();
      const { signal } = controller;
      const call = t.expect.rejects(authFetch(`${realm.url}/api/x`, { signal }), 'the call');
      await realm.until({ held: 1 });
      const reason = new Error('left the page');
      controller.abort(reason);
      const error = await call;
      await realm.release('token');
      t.expect.ok(error === reason, `the very reason, not ${error}`);
    },
  },

  'a flight that nobody waits for is saved all the same': async (t) => {
    const { realm, authFetch, session } = await refusedNext(t);
    await realm.hold('token');
    const controller = new AbortController();
    const { signal } = controller;
    const calls = times(3, () => t.expect.rejects(authFetch(`${realm.url}/api/x`, { signal }), 'the call'));
    await realm.until({ refused: 3, held: 1 });
    const renewed = new Promise<void>((resolve) => {
      session.on('refreshed', () => resolve());
    });
    controller.abort();
    await calls;
    await realm.release('token');
    await renewed;
    t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'the next call');
    t.expect.equal(await counted(realm, 'tokens', 'reuse'), { tokens: 1, reuse: 0 }, 'at the server');
  },

  'a timeout of the platform ends a call that waits, by its name': {
    needs: ['abort-timeouts'],
    async run(t) {
      const { realm, authFetch } = await refusedNext(t);
      await realm.hold('token');
      const signal = AbortSignal.timeout(150);
      const error = await t.expect.rejects(authFetch(`${realm.url}/api/x`, { signal }), 'the call');
      t.expect.equal(error.name, 'TimeoutError', 'the error');
      await realm.release('token');
      t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'the next call');
      t.expect.equal(await counted(realm, 'tokens'), { tokens: 1 }, 'at the server');
    },
  },

  'a timeout of the platform under way has its name too': {
    needs: ['abort-timeouts'],
    async run(t) {
      const { realm, authFetch } = await signedIn(t);
      await realm.hold('a');
      const signal = AbortSignal.timeout(150);
      const error = await t.expect.rejects(authFetch(`${realm.url}/api/x?gate=a`, { signal }), 'the call');
      await realm.release('a');
      t.expect.equal(error.name, 'TimeoutError', 'the error');
    },
  },

  'the signal of a Request is heeded': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    await realm.hold('token');
    const controller = new AbortController();
    const request = new Request(`${realm.url}/api/x`, { signal: controller.signal });
    const call = t.expect.rejects(authFetch(request), 'the call');
    await realm.until({ held: 1 });
    controller.abort();
    t.expect.equal((await call).name, 'AbortError', 'the error');
    await realm.release('token');
  },

  'an abort after the headers ends the body': {
    needs: ['response-streams'],
    async run(t) {
      const { realm, authFetch } = await refusedNext(t);
      const controller = new AbortController();
      const { signal } = controller;
      const response = await authFetch(`${realm.url}/api/x?never=1`, { signal });
      const text = t.expect.rejects(response.text(), 'the body');
      controller.abort();
      await text;
      await realm.until({ closed: 1 });
    },
  },

  'a stream that is being sent is cancelled when its call is aborted': {
    needs: ['request-streams'],
    async run(t) {
      const { realm, authFetch } = await signedIn(t);
      const controller = new AbortController();
      let cancelled = false;
      let pulls = 0;
      const body = new ReadableStream<Uint8Array>({
        async pull(source) {
          await t.sleep(5);
          // a platform that reads on is not to do so for ever
          if (++pulls > 400) return source.close();
          source.enqueue(new Uint8Array(16));
        },
        cancel() {
          cancelled = true;
        },
      });
      const { signal } = controller;
      const init = { method: 'POST', body, duplex: 'half', signal } as RequestInit;
      const call = t.expect.rejects(authFetch(`${realm.url}/api/long`, init), 'the call');
      await t.sleep(50);
      controller.abort();
      t.expect.equal((await call).name, 'AbortError', 'the error');
      for (let tries = 0; tries < 50 && !cancelled; tries++) await t.sleep(20);
      t.expect.ok(cancelled, 'nobody reads the stream any more');
      t.expect.equal(await counted(realm, 'tokens'), { tokens: 0 }, 'at the server');
    },
  },

  'a signal that is never used is let go of: a thousand calls leave no listener': async (t) => {
    const { realm, session } = await signedIn(t);
    const below = () => Promise.resolve(new Response('ok'));
    const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session, fetch: below });
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const [add, remove] = [signal.addEventListener, signal.removeEventListener];
    signal.addEventListener = function (this: AbortSignal, ...given: unknown[]) {
      listeners++;
      return Reflect.apply(add, this, given);
    };
    signal.removeEventListener = function (this: AbortSignal, ...given: unknown[]) {
      listeners--;
      return Reflect.apply(remove, this, given);
    };
    await times(1_000, () => authFetch(`${realm.url}/api/x`, { signal }));
    t.expect.equal(listeners, 0, 'listeners');
  },

  'the client’s timeout frees one call, and the refresh goes on for the next': async (t) => {
    const { realm, session } = await refusedNext(t);
    const api = createAuthClient({ baseUrl: `${realm.url}/`, auth: session, timeout: 200, retry: 0 });
    await realm.hold('token');
    const error = await t.expect.rejects(api.get('api/x').text(), 'the call');
    t.expect.equal(error.name, 'TimeoutError', 'the error');
    await realm.release('token');
    t.expect.equal((await api.get('api/x', { timeout: 10_000 })).status, 200, 'the next call');
    t.expect.equal(await counted(realm, 'tokens', 'reuse'), { tokens: 1, reuse: 0 }, 'at the server');
  },
});
