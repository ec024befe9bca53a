import { digest } from 'latchkey/digest';
import { apiKey, basic, createAuthFetch, createSession, refreshEndpoint } from 'latchkey/fetch';
import { times } from '../../../../behaviour/session.ts';
import type { NativeCase } from '../native.ts';
import { signedInClient } from './signed-in.ts';

const group = 'React Native';

/** Item by item what latchkey must do without. */
const absent = [
  'crypto',
  'navigator.locks',
  'ReadableStream',
  'TransformStream',
  'TextDecoder',
  'structuredClone',
  'DOMException',
  'BroadcastChannel',
  'MessageChannel',
  'localStorage',
  'indexedDB',
  'location',
  'document',
  'Buffer',
  'require',
];

function find(from: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((of, name) => (of as Record<string, unknown> | undefined)?.[name], from);
}

export const platform: readonly NativeCase[] = [
  {
    group,
    name: 'has no Web Crypto, Web Locks, streams, TextDecoder, structuredClone or DOMException here',
    async run(t) {
      t.expect.equal(
        [...absent, ...t.without].filter((path) => find(globalThis, path) !== undefined),
        [],
        'what is there all the same',
      );
      t.expect.equal(new Response('x').body, undefined, 'a response that can be read in part');
    },
  },
  {
    group,
    name: 'refreshes once for twenty calls of a client, and sends every body again',
    async run(t) {
      const { realm, api } = await signedInClient(t);
      await realm.expire();
      const answers = await times(20, (n) => api.post(`api/${n}`, { json: { n } }).json<{ text: string }>());
      t.expect.equal(
        answers.map(({ text }) => text),
        answers.map((_, n) => JSON.stringify({ n })),
        'the bodies',
      );
      t.expect.equal((await realm.counts()).tokens, 1, 'token requests');
    },
  },
  {
    group,
    name: 'sends a user and password outside ASCII by Basic',
    async run(t) {
      const realm = await t.server.realm();
      const authFetch = createAuthFetch({
        baseUrl: `${realm.url}/`,
        auth: basic({ username: 'Mufasa', password: 'Circle of Life' }),
      });
      t.expect.equal((await authFetch('basic/x')).status, 200, 'the right user');
      const other = createAuthFetch({
        baseUrl: `${realm.url}/`,
        auth: basic({ username: 'Jürgen', password: '日本' }),
      });
      await other('basic/y');
      const [seen] = (await realm.log()).filter(({ path }) => path === '/basic/y').slice(-1);
      t.expect.equal(seen?.headers['authorization'], 'Basic SsO8cmdlbjrml6XmnKw=', 'UTF-8 in base64');
    },
  },
  {
    group,
    name: 'answers Digest with a nonce that the app makes, and says what is missing without one',
    async run(t) {
      const realm = await t.server.realm();
      const user = { username: 'Mufasa', password: 'Circle of Life' };
      const authFetch = createAuthFetch({
        baseUrl: `${realm.url}/`,
        auth: digest(user, { cnonce: () => `${Math.random()}`.slice(2) }),
      });
      t.expect.equal((await authFetch('digest/x')).status, 200, 'the answer');
      const without = createAuthFetch({ baseUrl: `${realm.url}/`, auth: digest(user) });
      const error = await t.expect.rejects(without('digest/x'), 'a call without cnonce');
      t.expect.match(error.message, /cnonce/, 'the message');
    },
  },
  {
    group,
    name: 'refuses a key that holds a line end, which the platform would send',
    async run(t) {
      const made = Promise.resolve().then(() => apiKey({ header: 'X-API-Key', value: 'a\r\nX-Evil: 1' }));
      t.expect.match((await t.expect.rejects(made, 'the key')).message, /value/, 'the message');
    },
  },
  {
    group,
    name: 'looks into a 200 that says unauthorized, as GraphQL servers do',
    async run(t) {
      const realm = await t.server.realm();
      const session = createSession({ refresh: refreshEndpoint(`${realm.url}/refresh`) });
      await session.signIn(await realm.issue());
      await realm.expire();
      const authFetch = createAuthFetch({
        baseUrl: `${realm.url}/`,
        auth: session,
        // the place is open, and its answer says what it was sent
        isUnauthorized: async (response, peek) =>
          response.ok && (await peek.text()).includes('/open/x') && (await realm.counts()).tokens === 0,
      });
      const response = await authFetch('open/x');
      t.expect.match(await response.text(), /open/, 'the body, read after it was looked into');
      const { tokens, requests } = await realm.counts();
      t.expect.equal([tokens, requests], [1, 2], 'token requests, requests');
    },
  },
];
