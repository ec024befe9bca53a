import { createAuthFetch, createCookieSession, refreshEndpoint } from 'latchkey/fetch';
import { group } from '../group.ts';
import { counted, sendings, times } from '../session.ts';

export const cookies = group('cookies', {
  'that no script can read are renewed once for all who were refused': {
    needs: ['cookies'],
    async run(t) {
      const realm = await t.server.realm({ cookies: true });
      const session = createCookieSession({
        refresh: refreshEndpoint(`${realm.url}/refresh`, { credentials: 'include' }),
        csrf: { header: 'X-CSRF', token: () => 'csrf-1' },
      });
      await t.fetch(`${realm.url}/login`, { method: 'POST', credentials: 'include' });
      await session.signIn({ expiresIn: 300 });
      const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session });
      t.expect.equal((await authFetch(`${realm.url}/cookie/first`)).status, 200, 'with the first cookie');
      await realm.expire();
      const responses = await times(5, (n) => authFetch(`${realm.url}/cookie/${n}`));
      t.expect.equal(
        responses.map(({ status }) => status),
        Array(5).fill(200),
        'the calls',
      );
      const [first] = await sendings(realm, '/cookie/first');
      t.expect.equal(first?.headers['x-csrf'], 'csrf-1', 'the header against forgery');
      t.expect.equal(await counted(realm, 'tokens'), { tokens: 1 }, 'at the server');
    },
  },

  'are asked for inside the origins only': {
    needs: ['cookies'],
    async run(t) {
      const realm = await t.server.realm({ cookies: true });
      const session = createCookieSession({ refresh: refreshEndpoint(`${realm.url}/refresh`) });
      await t.fetch(`${realm.url}/login`, { method: 'POST', credentials: 'include' });
      await session.signIn({ expiresIn: 300 });
      const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session });
      await authFetch(`${realm.url}/open/inside`);
      await authFetch(`${realm.other}/open/outside`);
      await t.fetch(`${realm.other}/open/plain`);
      const [inside, outside, plain] = (await realm.log()).slice(1).map(({ headers }) => headers['cookie']);
      t.expect.match(inside, /^at=at-/, 'inside');
      t.expect.equal(outside, plain, 'outside, as plain fetch does');
    },
  },
});
