import { createAuthClient, isForbiddenError, isUnauthorizedError } from 'latchkey';
import { group } from '../group.ts';
import { counted, refusedNext, sendings, signedIn, times } from '../session.ts';

export const client = group('client', {
  'answers 401 like the auth fetch, and reads JSON': async (t) => {
    const { realm, session } = await refusedNext(t);
    const api = createAuthClient({ baseUrl: `${realm.url}/api/`, auth: session });
    const found = await times(6, (n) =>
      api.get(`users/${n}`, { searchParams: { a: 'b' } }).json<{ path: string }>(),
    );
    t.expect.equal(
      found.map(({ path }) => path),
      [...Array(6).keys()].map((n) => `/api/users/${n}?a=b`),
      'the JSON',
    );
    const { tokens } = await realm.counts();
    t.expect.equal(tokens, 1, 'token requests');
  },

  'sends JSON again': async (t) => {
    const { realm, session } = await refusedNext(t);
    const api = createAuthClient({ baseUrl: `${realm.url}/`, auth: session });
    t.expect.equal((await api.post('api/x', { json: { n: 'ë' } })).status, 200, 'the call');
    const seen = await sendings(realm, '/api/x');
    t.expect.equal(
      seen.map(({ status, text, headers }) => [status, text, headers['content-type']]),
      [
        [401, '{"n":"ë"}', 'application/json'],
        [200, '{"n":"ë"}', 'application/json'],
      ],
      'the sendings',
    );
  },

  'throws UnauthorizedError and ForbiddenError, which say why': async (t) => {
    const { realm, session } = await signedIn(t);
    const api = createAuthClient({ baseUrl: `${realm.url}/`, auth: session });
    const refused = await t.expect.rejects(api.get('forbidden/x').json(), 'the 403');
    const forbidden = t.expect.is(refused, isForbiddenError, 'the 403');
    t.expect.equal(forbidden.need.type === 'scope' && forbidden.need.scope, ['write'], 'what it needs');
    await realm.end();
    const thrown = await t.expect.rejects(api.get('api/x').json(), 'the 401');
    const unauthorized = t.expect.is(thrown, isUnauthorizedError, 'the 401');
    t.expect.equal(unauthorized.signInRequired, true, 'signInRequired');
    t.expect.equal(unauthorized.data, { error: 'refused' }, 'the body');
  },

  'replays and retries do not use each other up': async (t) => {
    const { realm, session } = await refusedNext(t);
    let calls = 0;
    const api = createAuthClient({
      baseUrl: `${realm.url}/`,
      auth: session,
      retry: { limit: 1, delay: () => 1 },
      fetch: (input, init) => {
        calls++;
        return t.fetch(input, init);
      },
    });
    const error = await t.expect.rejects(api.get('api/x?status=503').text(), 'the call');
    t.expect.equal(error.name, 'HTTPError', 'the error');
    t.expect.equal(calls, 3, 'sendings: refused, replayed, retried');
    t.expect.equal(await counted(realm, 'tokens', 'refused'), { tokens: 1, refused: 1 }, 'at the server');
  },

  'repeats a GET whose connection breaks, beside the replay': async (t) => {
    const { realm, session } = await refusedNext(t);
    const api = createAuthClient({
      baseUrl: `${realm.url}/`,
      auth: session,
      retry: { limit: 2, delay: () => 1 },
    });
    await t.expect.rejects(api.get('api/x?drop=1').text(), 'the call');
    const seen = await sendings(realm, '/api/x');
    t.expect.ok(seen.length >= 4, `${seen.length} sendings: refused, replayed, and two more`);
    t.expect.equal(await counted(realm, 'tokens', 'refused'), { tokens: 1, refused: 1 }, 'at the server');
  },

  'is extended, is a fetch for others, and sends a call without credentials': async (t) => {
    const { realm, session } = await refusedNext(t);
    const api = createAuthClient({ baseUrl: `${realm.url}/`, auth: session });
    const admin = api.extend({ headers: { 'X-Role': 'admin' } });
    t.expect.equal((await admin.get('api/admin')).status, 200, 'extended');
    t.expect.equal((await api.fetch('api/plain')).status, 200, 'fetch');
    const bare = await t.expect.rejects(api.get('api/bare', { context: { auth: false } }).text(), 'without');
    t.expect.equal(bare.name, 'HTTPError', 'the error');
    const [refused, replayed] = await sendings(realm, '/api/admin');
    t.expect.equal(
      [refused?.headers['x-role'], replayed?.headers['x-role']],
      ['admin', 'admin'],
      'the header',
    );
    t.expect.equal(
      (await sendings(realm, '/api/bare'))[0]?.headers['authorization'],
      undefined,
      'Authorization',
    );
    t.expect.equal(await counted(realm, 'tokens'), { tokens: 1 }, 'at the server');
  },
});
