import { basic, createAuthFetch, outcomeOf } from 'latchkey/fetch';
import { group } from '../group.ts';
import { counted, sendings, times } from '../session.ts';

const user = { username: 'Mufasa', password: 'Circle of Life' };
// a page's own origin would bring up the browser's prompt
const quiet = { credentials: 'omit' } as const;

export const basicScheme = group('Basic', {
  'is sent with every request where it is given, and after the first challenge where it is asked for': async (
    t,
  ) => {
    const given = await t.server.realm();
    const known = createAuthFetch({ baseUrl: given.url, auth: basic(user) });
    for (let call = 0; call < 2; call++) await known(`${given.url}/basic/x`, quiet);
    t.expect.equal(await counted(given, 'requests', 'refused'), { requests: 2, refused: 0 }, 'given');
    const realm = await t.server.realm();
    const authFetch = createAuthFetch({ baseUrl: realm.url, auth: basic(() => user) });
    const statuses = [];
    for (let call = 0; call < 3; call++)
      statuses.push((await authFetch(`${realm.url}/basic/x`, quiet)).status);
    t.expect.equal(statuses, [200, 200, 200], 'the calls');
    t.expect.equal(await counted(realm, 'requests', 'refused'), { requests: 4, refused: 1 }, 'at the server');
  },

  'asks a function once for all who wait, with the realm': async (t) => {
    const realm = await t.server.realm();
    const asked: unknown[] = [];
    const auth = basic(async ({ realm: name, refused }) => {
      asked.push([name, refused]);
      await t.sleep(20);
      return user;
    });
    const authFetch = createAuthFetch({ baseUrl: realm.url, auth });
    const responses = await times(5, () => authFetch(`${realm.url}/basic/x`, quiet));
    t.expect.equal(
      responses.map(({ status }) => status),
      Array(5).fill(200),
      'the calls',
    );
    t.expect.equal(asked, [['vault', false]], 'what was asked');
  },

  'a wrong password is delivered, and not tried again and again': async (t) => {
    const realm = await t.server.realm();
    const authFetch = createAuthFetch({ baseUrl: realm.url, auth: basic({ ...user, password: 'wrong' }) });
    const response = await authFetch(`${realm.url}/basic/x`, quiet);
    t.expect.equal([response.status, outcomeOf(response)?.reason], [401, 'not-answerable'], 'delivered');
    t.expect.equal(await counted(realm, 'requests'), { requests: 1 }, 'at the server');
  },

  'writes names and passwords in UTF-8': async (t) => {
    const realm = await t.server.realm();
    const authFetch = createAuthFetch({
      baseUrl: realm.url,
      auth: basic({ username: 'Zoë', password: 'pass→🐦' }),
    });
    await authFetch(`${realm.url}/basic/x`, quiet);
    const [sent] = await sendings(realm, '/basic/x');
    t.expect.equal(sent?.headers['authorization'], 'Basic Wm/DqzpwYXNz4oaS8J+Qpg==', 'Authorization');
  },
});
