import { outcomeOf } from 'latchkey/fetch';
import { group } from '../group.ts';
import { counted, refusedNext, signedIn, times } from '../session.ts';

export const responses = group('responses', {
  'the answer to a replay is the platform’s own: URL, headers, JSON, a clone': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    const response = await authFetch(`${realm.url}/api/json?a=b`);
    t.expect.ok(response instanceof Response, 'a Response');
    t.expect.equal([response.status, response.ok], [200, true], 'status');
    t.expect.equal(response.url, `${realm.url}/api/json?a=b`, 'url');
    t.expect.match(response.headers.get('content-type'), /^application\/json/, 'Content-Type');
    const copy = response.clone();
    const [json, again] = [
      (await response.json()) as { path: string },
      (await copy.json()) as { path: string },
    ];
    t.expect.equal([json.path, again.path], ['/api/json?a=b', '/api/json?a=b'], 'the JSON');
  },

  'a delivered refusal has its body, status, headers and URL': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    await realm.end();
    const response = await authFetch(`${realm.url}/api/x`);
    t.expect.equal([response.status, response.ok], [401, false], 'status');
    t.expect.equal(response.url, `${realm.url}/api/x`, 'url');
    t.expect.match(response.headers.get('www-authenticate'), /^Bearer realm="api"/, 'the challenge');
    t.expect.equal(await response.json(), { error: 'refused' }, 'the body');
  },

  'large refusals do not hold up their connections': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    const responses = await times(12, (n) => authFetch(`${realm.url}/api/${n}?refusal=200000`));
    t.expect.equal(
      responses.map(({ status }) => status),
      Array(12).fill(200),
      'every call is answered',
    );
    t.expect.equal(await counted(realm, 'tokens', 'refused'), { tokens: 1, refused: 12 }, 'at the server');
  },

  'a large refusal is given up, not read to its end': {
    needs: ['response-streams'],
    async run(t) {
      const { realm, authFetch } = await refusedNext(t);
      const response = await authFetch(`${realm.url}/api/x?refusal=16000000`);
      t.expect.equal(response.status, 200, 'the call is answered');
      await realm.until({ closed: 1 });
      t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 1, requests: 2 }, 'at the server');
    },
  },

  'an answer can be read while it still comes, and given up': {
    needs: ['response-streams'],
    async run(t) {
      const { realm, authFetch } = await refusedNext(t);
      const response = await authFetch(`${realm.url}/api/events?never=1`);
      const reader = response.body?.getReader();
      const first = await reader?.read();
      t.expect.equal([...(first?.value ?? [])], [98, 101, 103, 117, 110], 'the first bytes: begun');
      await reader?.cancel();
      await realm.until({ closed: 1 });
      t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 1, requests: 2 }, 'at the server');
    },
  },

  'a refusal whose body never ends is not waited for': {
    needs: ['response-streams'],
    async run(t) {
      const { realm, authFetch } = await refusedNext(t);
      const response = await authFetch(`${realm.url}/api/x?refusal=never`);
      t.expect.equal(response.status, 200, 'the call is answered');
      // nor does it keep its connection
      await realm.until({ closed: 1 });
      t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 1, requests: 2 }, 'at the server');
    },
  },

  'other statuses are nobody’s business: 204, 404, 500 come as they are': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    for (const status of [204, 404, 500]) {
      const response = await authFetch(`${realm.url}/api/x?status=${status}`);
      t.expect.equal([response.status, outcomeOf(response)], [status, undefined], `${status}`);
    }
    t.expect.equal(await counted(realm, 'tokens', 'requests'), { tokens: 0, requests: 3 }, 'at the server');
  },
});
