import {
  apiKey,
  createAuthFetch,
  createSession,
  isAuthError,
  outcomeOf,
  refreshEndpoint,
} from 'latchkey/fetch';
import { group } from '../group.ts';
import { counted, refusedNext, sendings, signedIn } from '../session.ts';

const to = (url: string) => `to=${encodeURIComponent(url)}`;
const key = apiKey({ header: 'X-API-Key', value: 'key-1' });

export const redirects = group('redirects', {
  'within an origin are followed with the token, and a refusal is answered where it came from': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    const response = await authFetch(`${realm.url}/move/302?${to(`${realm.url}/api/there`)}`);
    t.expect.equal([response.status, response.url], [200, `${realm.url}/api/there`], 'the call is answered');
    t.expect.equal((await sendings(realm, '/api/there')).length, 2, 'there');
    t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 1, requests: 3 }, 'at the server');
  },

  'to another origin take no token along': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    const response = await authFetch(`${realm.url}/move/307?${to(`${realm.other}/open/x`)}`);
    t.expect.equal(response.status, 200, 'followed');
    const [there] = await sendings(realm, '/open/x');
    t.expect.equal(
      [there?.origin, there?.headers['authorization']],
      ['other', undefined],
      'what arrived there',
    );
  },

  'a refusal of another origin is not answered': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    const response = await authFetch(`${realm.url}/move/302?${to(`${realm.other}/api/x`)}`);
    t.expect.equal([response.status, outcomeOf(response)?.reason], [401, 'other-origin'], 'delivered');
    const there = await sendings(realm, '/api/x');
    t.expect.equal(
      there.map(({ headers }) => headers['authorization']),
      [undefined],
      'what arrived there',
    );
    t.expect.equal(await counted(realm, 'tokens'), { tokens: 0 }, 'at the server');
  },

  'a POST that was redirected is never sent again': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    const init = { method: 'POST', body: 'once' };
    const response = await authFetch(`${realm.url}/move/307?${to(`${realm.url}/api/there`)}`, init);
    t.expect.equal([response.status, outcomeOf(response)?.reason], [401, 'redirected'], 'delivered');
    const there = await sendings(realm, '/api/there');
    t.expect.equal(
      there.map(({ method, text }) => [method, text]),
      [['POST', 'once']],
      'what arrived there',
    );
  },

  'an API key never arrives at another origin': async (t) => {
    const realm = await t.server.realm();
    const authFetch = createAuthFetch({ baseUrl: realm.url, auth: key });
    const came = await authFetch(`${realm.url}/move/302?${to(`${realm.other}/open/x`)}`).then(
      (response) => response.status,
      (error: Error) => error.name,
    );
    // a page is not told where a redirect leads: there it fails
    t.expect.ok(came === 200 || came === 'TypeError', `${came}`);
    const there = await sendings(realm, '/open/x');
    t.expect.ok(
      there.every(({ headers }) => headers['x-api-key'] === undefined),
      'no key there',
    );
  },

  'by hand keep an API key within its origin, and the rules of each status': {
    needs: ['redirects-by-hand'],
    async run(t) {
      const realm = await t.server.realm();
      const authFetch = createAuthFetch({ baseUrl: realm.url, auth: key });
      for (const [status, method, text] of [
        [301, 'GET', ''],
        [302, 'GET', ''],
        [303, 'GET', ''],
        [307, 'POST', 'body'],
        [308, 'POST', 'body'],
      ] as const) {
        const response = await authFetch(`${realm.url}/move/${status}?${to(`${realm.url}/key/${status}`)}`, {
          method: 'POST',
          body: 'body',
          headers: { 'content-type': 'text/x' },
        });
        t.expect.equal([response.status, response.redirected], [200, true], `${status}`);
        const [there] = await sendings(realm, `/key/${status}`);
        t.expect.equal([there?.method, there?.text], [method, text], `${status}`);
        t.expect.equal(
          there?.headers['content-type'] !== undefined,
          method === 'POST',
          `Content-Type, ${status}`,
        );
      }
    },
  },

  'of an API key end after twenty': {
    async run(t) {
      const realm = await t.server.realm();
      const authFetch = createAuthFetch({ baseUrl: realm.url, auth: key });
      const error = await t.expect.rejects(authFetch(`${realm.url}/move/302?to=%23`), 'a circle');
      t.expect.equal(error.name, 'TypeError', 'the error');
      t.expect.equal(await counted(realm, 'requests'), { requests: 21 }, 'at the server');
    },
  },

  'of a refresh endpoint are not followed: the refresh token goes nowhere else': async (t) => {
    const realm = await t.server.realm();
    const session = createSession({
      refresh: refreshEndpoint(`${realm.url}/move/307?${to(`${realm.other}/open/x`)}`),
    });
    await session.signIn(await realm.issue());
    const error = await t.expect.rejects(session.refresh(), 'the refresh');
    t.expect.ok(isAuthError(error), String(error));
    t.expect.equal(session.getSnapshot().status, 'signed-in', 'the session');
    t.expect.equal(await sendings(realm, '/open/x'), [], 'at the other origin');
  },

  "redirect: 'error' of the caller is kept": {
    needs: ['redirect-errors'],
    async run(t) {
      const { realm, authFetch } = await signedIn(t);
      const url = `${realm.url}/move/302?${to(`${realm.url}/api/there`)}`;
      const error = await t.expect.rejects(authFetch(url, { redirect: 'error' }), 'the call');
      t.expect.ok(!isAuthError(error), String(error));
      t.expect.equal(await sendings(realm, '/api/there'), [], 'it goes no further');
    },
  },
});
