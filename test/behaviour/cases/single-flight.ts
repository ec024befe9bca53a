import { createAuthFetch, isAuthError } from 'latchkey/fetch';
import { group } from '../group.ts';
import { counted, refusedNext, signedIn, times } from '../session.ts';

export const singleFlight = group('single flight', {
  '20 requests that are refused together cause one refresh, and all are replayed': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    await realm.hold('token');
    const calls = times(20, (n) => authFetch(`${realm.url}/api/${n}`));
    await realm.until({ refused: 20 });
    await realm.release('token');
    const statuses = (await calls).map((response) => response.status);
    t.expect.equal(statuses, Array(20).fill(200), 'every call is answered');
    const { tokens, requests, reuse } = await realm.counts();
    t.expect.equal({ tokens, requests, reuse }, { tokens: 1, requests: 40, reuse: 0 }, 'at the server');
  },

  'requests that begin meanwhile wait for it, and are sent once': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    await realm.hold('token');
    const first = authFetch(`${realm.url}/api/first`);
    await realm.until({ held: 1 });
    const others = times(8, (n) => authFetch(`${realm.url}/api/${n}`));
    await t.sleep(30);
    t.expect.equal(await counted(realm, 'requests'), { requests: 1 }, 'while the refresh is under way');
    await realm.release('token');
    const statuses = [await first, ...(await others)].map((response) => response.status);
    t.expect.equal(statuses, Array(9).fill(200), 'every call is answered');
    const seen = await counted(realm, 'tokens', 'requests', 'refused');
    t.expect.equal(seen, { tokens: 1, requests: 10, refused: 1 }, 'at the server');
  },

  'the session, and every auth fetch that is made of it, share one': async (t) => {
    const { realm, authFetch, session } = await refusedNext(t);
    const another = createAuthFetch({ origins: realm.url, auth: session });
    await realm.hold('token');
    const calls = Promise.all([
      authFetch(`${realm.url}/api/a`),
      another(`${realm.url}/api/b`),
      session.refresh(),
    ]);
    await realm.until({ held: 1, refused: 0 });
    await realm.release('token');
    const [a, b, token] = await calls;
    t.expect.equal([a.status, b.status], [200, 200], 'both calls are answered');
    t.expect.ok(token.accessToken.length > 0, 'a token');
    t.expect.equal(await counted(realm, 'tokens', 'reuse'), { tokens: 1, reuse: 0 }, 'at the server');
  },

  'a token endpoint that says 503 twice is asked a third time, and nobody notices': async (t) => {
    const { realm, authFetch } = await refusedNext(t, {
      realm: { script: [{ status: 503 }, { status: 503 }] },
    });
    const statuses = (await times(5, () => authFetch(`${realm.url}/api/x`))).map(({ status }) => status);
    t.expect.equal(statuses, Array(5).fill(200), 'every call is answered');
    t.expect.equal(await counted(realm, 'tokens', 'reuse'), { tokens: 3, reuse: 0 }, 'at the server');
  },

  'a connection that breaks off is known as one in every runtime, and the request repeated': async (t) => {
    const { realm, authFetch } = await refusedNext(t, { realm: { script: ['drop'] } });
    const response = await authFetch(`${realm.url}/api/x`);
    t.expect.equal(response.status, 200, 'the call is answered');
    const { tokens, reuse } = await realm.counts();
    // a platform may repeat by itself what broke off
    t.expect.ok(tokens >= 2 && tokens <= 3, 'token requests');
    t.expect.equal(reuse, 0, 'no refresh token is used twice');
  },

  'a failure is the error of everybody who waits, and ends no session': async (t) => {
    const { realm, authFetch, session } = await refusedNext(t, {
      realm: { script: [{ status: 429, headers: { 'retry-after': '60' } }] },
    });
    await realm.hold('token');
    const calls = times(5, () => t.expect.rejects(authFetch(`${realm.url}/api/x`), 'a waiter'));
    await realm.until({ refused: 5 });
    await realm.release('token');
    const errors = await calls;
    t.expect.ok(
      errors.every((error) => isAuthError(error) && error.code === 'refresh-unavailable'),
      'refresh-unavailable for all',
    );
    t.expect.equal(session.getSnapshot().status, 'signed-in', 'the session');
    await t.expect.rejects(session.refresh(), 'in the cooldown');
    t.expect.equal(await counted(realm, 'tokens'), { tokens: 1 }, 'the server is left alone meanwhile');
  },

  'a dead refresh token is asked with once, whoever comes': async (t) => {
    const { realm, authFetch, session } = await signedIn(t);
    await realm.end();
    const responses = await times(10, () => authFetch(`${realm.url}/api/x`));
    responses.push(...(await times(10, () => authFetch(`${realm.url}/api/x`))));
    t.expect.equal(
      responses.map(({ status }) => status),
      Array(20).fill(401),
      'every 401 is delivered',
    );
    const { status, ...more } = session.getSnapshot();
    t.expect.equal([status, 'cause' in more && more.cause], ['signed-out', 'rejected'], 'the session');
    t.expect.equal(await counted(realm, 'tokens'), { tokens: 1 }, 'at the server');
  },

  'a slow refresh frees who waits in time, is saved when it comes, and not repeated': async (t) => {
    const { realm, authFetch } = await refusedNext(t, { session: { refreshTimeoutMs: 300 } });
    await realm.hold('token');
    const errors = await times(3, () => t.expect.rejects(authFetch(`${realm.url}/api/x`), 'a waiter'));
    t.expect.ok(
      errors.every((error) => isAuthError(error) && error.code === 'refresh-unavailable'),
      'refresh-unavailable for all',
    );
    await realm.release('token');
    let status = 0;
    for (let tries = 0; tries < 50 && status !== 200; tries++) {
      await t.sleep(50);
      status = await authFetch(`${realm.url}/api/x`).then(
        (response) => response.status,
        () => 0,
      );
    }
    t.expect.equal(status, 200, 'a later call');
    t.expect.equal(await counted(realm, 'tokens', 'reuse'), { tokens: 1, reuse: 0 }, 'at the server');
  },

  'a resource that refuses whatever it is sent is asked a bounded number of times': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    for (let call = 0; call < 8; call++) {
      const response = await authFetch(`${realm.url}/never/x`);
      t.expect.equal(response.status, 401, 'the refusal is delivered');
    }
    const { requests, tokens } = await realm.counts();
    t.expect.ok(requests <= 8 * 5, `${requests} requests`);
    t.expect.ok(tokens <= 5, `${tokens} token requests`);
  },
});
