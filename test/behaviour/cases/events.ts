import { createAuthFetch, createSession, refreshEndpoint } from 'latchkey/fetch';
import { group } from '../group.ts';
import { counted, refusedNext, signedIn } from '../session.ts';

export const events = group('events and work beside', {
  'tell what happened, in its order': async (t) => {
    const told: string[] = [];
    const observe = ({ type }: { type: string }) => told.push(type);
    const { realm, authFetch } = await refusedNext(t, { session: { observe }, fetch: { observe } });
    await authFetch(`${realm.url}/api/x`);
    t.expect.equal(told, ['signed-in', 'challenged', 'refreshing', 'refreshed', 'replayed'], 'the events');
  },

  'a listener that throws disturbs nobody': async (t) => {
    const observe = () => {
      throw new Error('mine');
    };
    const { realm, authFetch } = await refusedNext(t, { session: { observe }, fetch: { observe } });
    t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'the call');
  },

  'waitUntil is given the refresh that runs beside a request': async (t) => {
    const realm = await t.server.realm();
    const work: Promise<unknown>[] = [];
    let skewMs = 0;
    const session = createSession({
      refresh: refreshEndpoint(`${realm.url}/refresh`),
      now: () => Date.now() + skewMs,
      waitUntil: (beside) => work.push(beside),
    });
    await session.signIn(await realm.issue());
    skewMs = 3_570_000;
    const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session });
    t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'the call');
    t.expect.ok(work.length > 0, 'work was given');
    await Promise.all(work);
    t.expect.equal(await counted(realm, 'tokens', 'refused'), { tokens: 1, refused: 0 }, 'at the server');
  },

  'fetch is looked up at each call: one that is put in its place later is used': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    const original = globalThis.fetch;
    let calls = 0;
    globalThis.fetch = ((...given: Parameters<typeof fetch>) => {
      calls++;
      return Reflect.apply(original, globalThis, given) as Promise<Response>;
    }) as typeof fetch;
    try {
      t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'the call');
    } finally {
      globalThis.fetch = original;
    }
    t.expect.equal(calls, 3, 'refused, refresh, replayed');
  },

  'a fetch of the caller’s is used for everything': async (t) => {
    const urls: string[] = [];
    const own = (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
      urls.push(String(input).replace(/^.*\/r\/\w+/, ''));
      return t.fetch(input, init);
    };
    const { realm, authFetch } = await refusedNext(t, { session: { fetch: own }, fetch: { fetch: own } });
    t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'the call');
    t.expect.equal(urls, ['/api/x', '/refresh', '/api/x'], 'what it was given');
  },

  'close ends what watches, and a session can be closed twice': async (t) => {
    const { session, authFetch, realm } = await signedIn(t, {
      session: { store: t.store(`closed-${Date.now()}`) },
    });
    t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'a call');
    await session.close();
    await session.close();
  },
});
