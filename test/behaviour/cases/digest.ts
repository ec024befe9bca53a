import { digest } from 'latchkey/digest';
import { createAuthFetch, outcomeOf } from 'latchkey/fetch';
import type { Tools } from '../case.ts';
import { group } from '../group.ts';
import { counted, sendings, times } from '../session.ts';

const user = { username: 'Mufasa', password: 'Circle of Life' };
// a page's own origin would bring up the browser's prompt
const quiet = { credentials: 'omit' } as const;

/** What an app gives where there are no random numbers; to guess it gains nothing here. */
const counter = () => {
  let n = 0;
  return () => `cnonce-${++n}`;
};

async function vault(t: Tools, password = user.password, own = true) {
  const realm = await t.server.realm();
  const cnonce = own ? { cnonce: counter() } : {};
  const auth = digest({ ...user, password }, { verifyServer: true, ...cnonce });
  return { realm, authFetch: createAuthFetch({ baseUrl: realm.url, auth }) };
}

export const digestScheme = group('Digest', {
  'answers the challenge, goes ahead with a count of its own, and verifies the server': async (t) => {
    const { realm, authFetch } = await vault(t);
    for (let call = 0; call < 3; call++) {
      const response = await authFetch(`${realm.url}/digest/x?a=b%20c&d=ë`, quiet);
      t.expect.equal(response.status, 200, 'the call');
    }
    const sent = (await sendings(realm, '/digest/x')).map(({ headers }) => headers['authorization']);
    t.expect.equal(
      sent.map((field) => /nc=(\d+)/.exec(field ?? '')?.[1]),
      [undefined, '00000001', '00000002', '00000003'],
      'the counts',
    );
  },

  'many at once have each a count of its own': async (t) => {
    const { realm, authFetch } = await vault(t);
    await authFetch(`${realm.url}/digest/first`, quiet);
    const responses = await times(10, (n) => authFetch(`${realm.url}/digest/${n}`, quiet));
    t.expect.equal(
      responses.map(({ status }) => status),
      Array(10).fill(200),
      'the calls',
    );
    const counts = (await realm.log()).map(
      ({ headers }) => /nc=(\w+)/.exec(headers['authorization'] ?? '')?.[1],
    );
    t.expect.equal(new Set(counts).size, 12, 'counts, and one sending without');
  },

  'covers the body, whatever its kind': async (t) => {
    const { realm, authFetch } = await vault(t);
    const bodies: readonly BodyInit[] = [
      'Zoë 🐦',
      new Uint8Array([0, 200, 255]),
      new URLSearchParams([['a', 'b']]),
    ];
    // Android sends no bytes without one
    const headers = { 'content-type': 'application/x' };
    for (const body of bodies) {
      const response = await authFetch(`${realm.url}/digest/x`, { ...quiet, method: 'POST', body, headers });
      t.expect.equal(response.status, 200, Object.prototype.toString.call(body));
    }
    const [, answered] = await realm.log();
    t.expect.match(answered?.headers['authorization'], /qop=auth-int/, 'Authorization');
  },

  'a stale nonce is replaced in the same call': async (t) => {
    const { realm, authFetch } = await vault(t);
    await authFetch(`${realm.url}/digest/x`, quiet);
    await realm.set({ nonce: 'another' });
    t.expect.equal((await authFetch(`${realm.url}/digest/x`, quiet)).status, 200, 'the call');
    t.expect.equal(await counted(realm, 'requests', 'refused'), { requests: 4, refused: 2 }, 'at the server');
  },

  'a wrong password is delivered, after one answer': async (t) => {
    const { realm, authFetch } = await vault(t, 'wrong');
    const response = await authFetch(`${realm.url}/digest/x`, quiet);
    t.expect.equal([response.status, outcomeOf(response)?.reason], [401, 'refused-again'], 'delivered');
    t.expect.equal(await counted(realm, 'requests'), { requests: 2 }, 'at the server');
  },

  'makes a cnonce of its own from the platform’s random numbers': {
    needs: ['random'],
    async run(t) {
      const { realm, authFetch } = await vault(t, user.password, false);
      for (let call = 0; call < 2; call++) await authFetch(`${realm.url}/digest/x`, quiet);
      const cnonces = (await realm.log()).flatMap(
        ({ headers }) => /cnonce="([^"]+)"/.exec(headers['authorization'] ?? '')?.[1] ?? [],
      );
      t.expect.equal(new Set(cnonces).size, 2, 'two of them');
      t.expect.ok(
        cnonces.every((cnonce) => cnonce.length >= 16),
        'long ones',
      );
    },
  },
});
