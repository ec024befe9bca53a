import { digest } from 'latchkey/digest';
import { apiKey, createAuthFetch, outcomeOf } from 'latchkey/fetch';
import type { NativeCase } from '../native.ts';
import { signedInClient } from './signed-in.ts';

const group = 'redirects, which the platform follows by itself';
const to = (url: string, status = 302) => `move/${status}?to=${encodeURIComponent(url)}`;

export const redirects: readonly NativeCase[] = [
  {
    group,
    name: 'a token is not taken to another origin',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      const response = await api.fetch(to(`${realm.other}/open/x`));
      t.expect.equal([response.status, response.url], [200, `${realm.other}/open/x`], 'the answer');
      const [seen] = (await realm.log()).filter(({ origin }) => origin === 'other');
      t.expect.equal(seen?.headers['authorization'], undefined, 'Authorization there');
    },
  },
  {
    group,
    name: 'a refusal of another origin is not answered',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      const response = await api.fetch(to(`${realm.other}/api/x`));
      t.expect.equal(outcomeOf(response)?.reason, 'other-origin', 'the reason');
      t.expect.equal((await realm.counts()).tokens, 0, 'token requests');
    },
  },
  {
    group,
    name: 'a GET whose credentials were dropped on the way is answered where it was led',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      await realm.expire();
      const response = await api.fetch(to(`${realm.url}/api/x`));
      t.expect.equal([response.status, response.url], [200, `${realm.url}/api/x`], 'the answer');
      t.expect.equal((await realm.counts()).tokens, 1, 'token requests');
    },
  },
  {
    group,
    name: 'a POST that was refused behind one is not sent again',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      await realm.expire();
      const response = await api.fetch(to(`${realm.url}/api/x`, 307), { method: 'POST', body: 'x' });
      t.expect.equal([response.status, outcomeOf(response)?.reason], [401, 'redirected'], 'the answer');
    },
  },
  {
    group,
    name: 'an API key that may have been taken to another origin is said to be, and nothing is delivered',
    async run(t) {
      const realm = await t.server.realm();
      const auth = apiKey({ header: 'X-API-Key', value: 'key-1' });
      const authFetch = createAuthFetch({ baseUrl: `${realm.url}/`, auth });
      t.expect.equal((await authFetch('key/x')).status, 200, 'a call that is not redirected');
      t.expect.equal((await authFetch(to(`${realm.url}/key/y`, 307))).status < 500, true, 'one inside');
      const error = await t.expect.rejects(authFetch(to(`${realm.other}/open/x`)), 'one that leaves');
      t.expect.equal(error.name, 'TypeError', 'the error');
      t.expect.match(error.message, /may have taken the credentials/, 'the message');
      t.expect.equal(error.message.includes('key-1'), false, 'the key in the message');
    },
  },
  {
    group,
    name: 'an API key in the query stays behind',
    async run(t) {
      const realm = await t.server.realm();
      const auth = apiKey({ query: 'api_key', value: 'key-1' });
      const authFetch = createAuthFetch({ baseUrl: `${realm.url}/`, auth });
      t.expect.equal((await authFetch(to(`${realm.other}/open/x`))).status, 200, 'the answer');
      const [seen] = (await realm.log()).filter(({ origin }) => origin === 'other');
      t.expect.equal(seen?.path, '/open/x', 'what the other origin saw');
    },
  },
  {
    group,
    name: 'Digest does not answer what another origin asks',
    async run(t) {
      const realm = await t.server.realm();
      const auth = digest({ username: 'Mufasa', password: 'Circle of Life' }, { cnonce: () => 'c0ffee' });
      const authFetch = createAuthFetch({ baseUrl: `${realm.url}/`, auth });
      t.expect.equal((await authFetch('digest/x')).status, 200, 'a challenge of its own');
      const response = await authFetch(to(`${realm.other}/digest/y`));
      t.expect.equal([response.status, outcomeOf(response)?.reason], [401, 'other-origin'], 'the answer');
      const seen = (await realm.log()).filter(({ origin }) => origin === 'other');
      t.expect.equal(
        seen.map(({ headers }) => headers['authorization']),
        [undefined],
        'sent there',
      );
    },
  },
];
