import { createAuthFetch, createSession, decodeJwt, refreshEndpoint } from 'latchkey/fetch';
import type { Tools } from '../case.ts';
import { group } from '../group.ts';
import type { RealmOptions } from '../server.ts';
import { counted, signedIn, times } from '../session.ts';

const HOUR = 3_600_000;

/** A session that reads this clock. */
async function clocked(t: Tools, realm: RealmOptions = {}, skewMs = 0) {
  const clock = { skewMs };
  const given = await signedIn(t, { realm, session: { now: () => Date.now() + clock.skewMs } });
  return { ...given, clock };
}

export const clock = group('clock', {
  'a token that has expired is renewed before anything is sent with it': async (t) => {
    const { realm, authFetch, clock } = await clocked(t);
    clock.skewMs = HOUR + 1_000;
    const responses = await times(10, (n) => authFetch(`${realm.url}/api/${n}`));
    t.expect.equal(
      responses.map(({ status }) => status),
      Array(10).fill(200),
      'the calls',
    );
    const seen = await counted(realm, 'tokens', 'requests', 'refused');
    t.expect.equal(seen, { tokens: 1, requests: 10, refused: 0 }, 'at the server');
  },

  'one that soon expires is renewed beside the requests, and nobody waits': async (t) => {
    const { realm, authFetch, clock } = await clocked(t);
    await realm.hold('token');
    clock.skewMs = HOUR - 30_000;
    const responses = await times(4, (n) => authFetch(`${realm.url}/api/${n}`));
    t.expect.equal(
      responses.map(({ status }) => status),
      Array(4).fill(200),
      'the calls, while it is under way',
    );
    await realm.until({ tokens: 1 });
    await realm.release('token');
    await authFetch(`${realm.url}/api/x`);
    t.expect.equal(await counted(realm, 'tokens', 'refused'), { tokens: 1, refused: 0 }, 'at the server');
  },

  'a clock that is a year ahead, or behind, is nobody’s business': async (t) => {
    for (const skewMs of [8_760 * HOUR, -8_760 * HOUR]) {
      const { realm, authFetch } = await clocked(t, {}, skewMs);
      for (let call = 0; call < 3; call++)
        t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'a call');
      t.expect.equal(await counted(realm, 'tokens', 'refused'), { tokens: 0, refused: 0 }, 'at the server');
    }
  },

  'a clock that jumps back does not cause a refresh a request': async (t) => {
    const { realm, authFetch, clock } = await clocked(t);
    clock.skewMs = -24 * HOUR;
    for (let call = 0; call < 5; call++) await authFetch(`${realm.url}/api/x`);
    t.expect.equal(await counted(realm, 'tokens', 'refused'), { tokens: 0, refused: 0 }, 'at the server');
  },

  'a machine that slept a day renews once': async (t) => {
    const { realm, authFetch, clock } = await clocked(t);
    clock.skewMs = 24 * HOUR;
    await realm.expire();
    const responses = await times(10, (n) => authFetch(`${realm.url}/api/${n}`));
    t.expect.equal(
      responses.map(({ status }) => status),
      Array(10).fill(200),
      'the calls',
    );
    t.expect.equal(await counted(realm, 'tokens', 'refused'), { tokens: 1, refused: 0 }, 'at the server');
  },

  'lifetimes of 0 and of 60 days cause no refresh a request, and no timer overflows': async (t) => {
    for (const expiresIn of [0, 60 * 24 * 3_600]) {
      const { realm, authFetch, session } = await clocked(t, { expiresIn });
      const stop = session.subscribe(() => {});
      for (let call = 0; call < 5; call++)
        t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'a call');
      await t.sleep(20);
      stop();
      const { tokens } = await realm.counts();
      t.expect.ok(tokens <= 1, `${tokens} token requests for a life of ${expiresIn} s`);
    }
  },

  'a token without a known life is renewed when it is refused, not before': async (t) => {
    const { realm, authFetch, clock, session } = await clocked(t, { expiresIn: null });
    clock.skewMs = 240 * HOUR;
    await authFetch(`${realm.url}/api/x`);
    const { status, ...more } = session.getSnapshot();
    t.expect.equal([status, 'expiresAt' in more && more.expiresAt], ['signed-in', undefined], 'the snapshot');
    await realm.expire();
    await authFetch(`${realm.url}/api/x`);
    t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 1, requests: 3 }, 'at the server');
  },

  'the exp of a JWT is heeded where nothing else says how long it lives, and its claims are read in UTF-8':
    async (t) => {
      // {"alg":"none"} . {"sub":"Zoë → 🐦","exp":4102444800}
      const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJab8OrIOKGkiDwn5CmIiwiZXhwIjo0MTAyNDQ0ODAwfQ.';
      t.expect.equal(decodeJwt(jwt), { sub: 'Zoë → 🐦', exp: 4_102_444_800 }, 'the claims');
      const session = createSession();
      await session.signIn({ accessToken: jwt });
      t.expect.equal((await session.token()).expiresAt, 4_102_444_800_000, 'expiresAt');
    },

  'the platform’s clock is read at each call: milliseconds since 1970': async (t) => {
    const { session } = await signedIn(t);
    const snapshot = session.getSnapshot();
    const expiresAt = snapshot.status === 'signed-in' ? (snapshot.expiresAt ?? 0) : 0;
    t.expect.ok(Math.abs(expiresAt - Date.now() - HOUR) < 60_000, 'expiresAt');
  },

  'the app’s return to the foreground renews what ran out meanwhile': async (t) => {
    const realm = await t.server.realm();
    let resume = () => {};
    let skewMs = 0;
    const session = createSession({
      refresh: refreshEndpoint(`${realm.url}/refresh`),
      now: () => Date.now() + skewMs,
      onResume: (callback) => {
        resume = callback;
        return () => {};
      },
    });
    await session.signIn(await realm.issue());
    const stop = session.subscribe(() => {});
    skewMs = 2 * HOUR;
    const renewed = new Promise<void>((resolve) => {
      session.on('refreshed', () => resolve());
    });
    resume();
    await renewed;
    const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session });
    t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'the next call');
    t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 1, requests: 1 }, 'at the server');
    stop();
    await session.close();
  },
});
