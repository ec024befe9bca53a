import { parseChallenges } from 'latchkey/challenge';
import { basic, bearer, createAuthFetch, createSession, outcomeOf } from 'latchkey/fetch';
import { group } from '../group.ts';
import { counted, refusedNext, sendings, signedIn } from '../session.ts';

const user = { username: 'Mufasa', password: 'Circle of Life' };

export const challenges = group('challenges', {
  'a 401 without a challenge counts as addressed to the one scheme': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    t.expect.equal((await authFetch(`${realm.url}/silent/x`)).status, 200, 'the call is answered');
    t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 1, requests: 2 }, 'at the server');
  },

  'with several schemes, to the one that was sent': async (t) => {
    const { realm, session } = await refusedNext(t);
    const authFetch = createAuthFetch({ baseUrl: realm.url, auth: [session, basic(user)] });
    t.expect.equal((await authFetch(`${realm.url}/silent/x`)).status, 200, 'the call is answered');
    const seen = await sendings(realm, '/silent/x');
    t.expect.equal(
      seen.map(({ headers }) => headers['authorization']?.slice(0, 7)),
      ['Bearer ', 'Bearer '],
      'what was sent',
    );
  },

  'CORS hides the challenge of another origin: the call is answered all the same': {
    needs: ['cors'],
    async run(t) {
      const { realm, authFetch } = await refusedNext(t, { realm: { hidden: true } });
      const seen = await t.fetch(`${realm.url}/api/x`);
      t.expect.equal([seen.status, seen.headers.get('www-authenticate')], [401, null], 'what a page sees');
      t.expect.equal((await authFetch(`${realm.url}/api/x`)).status, 200, 'the call is answered');
      t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 1, requests: 3 }, 'at the server');
    },
  },

  'a challenge is read with its parameters': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    await realm.end();
    const outcome = outcomeOf(await authFetch(`${realm.url}/api/x`));
    const params = { realm: 'api', error: 'invalid_token' };
    t.expect.equal(outcome?.challenges, [{ scheme: 'bearer', params }], 'the challenges');
    t.expect.equal([outcome?.signInRequired, outcome?.sendings], [true, 1], 'the outcome');
  },

  'two header fields are one list: the scheme that can answer does': async (t) => {
    const { realm, session } = await refusedNext(t);
    for (const auth of [session, [session], bearer(session)]) {
      await realm.expire();
      const authFetch = createAuthFetch({ baseUrl: realm.url, auth });
      t.expect.equal((await authFetch(`${realm.url}/two/x`)).status, 200, 'the call is answered');
    }
    const withBasic = createAuthFetch({ baseUrl: realm.url, auth: basic(user) });
    t.expect.equal((await withBasic(`${realm.url}/two/x`)).status, 200, 'Basic, the second in it');
    t.expect.equal(await counted(realm, 'tokens'), { tokens: 3 }, 'at the server');
  },

  'bytes that are no ASCII in a challenge break nothing': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    const response = await authFetch(`${realm.url}/latin/x`);
    const [challenge] = outcomeOf(response)?.challenges ?? [];
    t.expect.equal(
      [response.status, challenge?.scheme, challenge?.params['error']],
      [401, 'bearer', 'invalid_token'],
      'read',
    );
    t.expect.match(challenge?.params['realm'], /^Z.*rich$/, 'the realm, in some reading');
  },

  'parseChallenges reads the same in every engine': async (t) => {
    const rows: readonly (readonly [string, unknown])[] = [
      ['Bearer', [{ scheme: 'bearer', params: {} }]],
      ['NEGOTIATE dG9rZW4=', [{ scheme: 'negotiate', token68: 'dG9rZW4=', params: {} }]],
      [
        'Basic realm="a \\"b\\", c", Digest Nonce = n, qop="auth,auth-int"',
        [
          { scheme: 'basic', params: { realm: 'a "b", c' } },
          { scheme: 'digest', params: { nonce: 'n', qop: 'auth,auth-int' } },
        ],
      ],
      [', ,Bearer error=invalid_token,,', [{ scheme: 'bearer', params: { error: 'invalid_token' } }]],
      ['=junk, "', []],
    ];
    for (const [field, expected] of rows) t.expect.equal(parseChallenges(field), expected, field);
  },

  'a 403 is not a 401: it refreshes nothing and says what it needs': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    const response = await authFetch(`${realm.url}/forbidden/x`);
    t.expect.equal([response.status, outcomeOf(response)?.reason], [403, 'insufficient-scope'], 'delivered');
    t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 0, requests: 1 }, 'at the server');
  },

  'a stepUp brings what a 403 asks for, and the call is sent once more': async (t) => {
    const realm = await t.server.realm();
    const needs: unknown[] = [];
    const session = createSession({
      stepUp: async (need) => {
        needs.push(need.type === 'scope' && need.scope);
        return realm.issue();
      },
    });
    await session.signIn(await realm.issue());
    const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session });
    const response = await authFetch(`${realm.url}/forbidden/x`);
    t.expect.equal([response.status, needs], [403, [['write']]], 'asked for once');
    const seen = await sendings(realm, '/forbidden/x');
    t.expect.equal(
      new Set(seen.map(({ headers }) => headers['authorization'])).size,
      2,
      'two tokens were sent',
    );
  },
});
