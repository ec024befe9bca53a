import { createAuthFetch, outcomeOf } from 'latchkey/fetch';
import { group } from '../group.ts';
import { counted, sendings, signedIn } from '../session.ts';

export const origins = group('origins', {
  'another origin gets no token, and its refusal is delivered as it came': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    const response = await authFetch(`${realm.other}/api/x`);
    t.expect.equal([response.status, outcomeOf(response)], [401, undefined], 'delivered');
    const [there] = await sendings(realm, '/api/x');
    t.expect.equal(
      [there?.origin, there?.headers['authorization']],
      ['other', undefined],
      'what arrived there',
    );
    t.expect.equal(await counted(realm, 'tokens'), { tokens: 0 }, 'at the server');
  },

  'both, where both are named': async (t) => {
    const { realm, session } = await signedIn(t);
    const authFetch = createAuthFetch({ origins: [realm.url, realm.other], auth: session });
    const statuses = [
      (await authFetch(`${realm.url}/api/x`)).status,
      (await authFetch(`${realm.other}/api/x`)).status,
    ];
    t.expect.equal(statuses, [200, 200], 'the calls');
  },

  'relative inputs resolve against baseUrl as the standard says, in every runtime': async (t) => {
    const { realm, session } = await signedIn(t);
    const authFetch = createAuthFetch({ baseUrl: `${realm.url}/api/v1/`, auth: session });
    const base = realm.url.replace(/^https?:\/\/[^/]+/, '');
    for (const input of ['users?x=1', './users', `${base}/api/root`]) {
      t.expect.equal((await authFetch(input)).status, 200, input);
    }
    const paths = (await realm.log()).map(({ path }) => path);
    t.expect.equal(
      paths.map((path) => path.replace('/./', '/')),
      ['/api/v1/users?x=1', '/api/v1/users', '/api/root'],
      'the URLs',
    );
  },

  'a URL object is an input': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    t.expect.equal((await authFetch(new URL(`${realm.url}/api/x?a=b`))).status, 200, 'the call');
    t.expect.equal(
      (await realm.log()).map(({ path }) => path),
      ['/api/x?a=b'],
      'the URL',
    );
  },

  'a host that only looks like the origin gets no token': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    const [, host = ''] = /^http:\/\/([^/]+)/.exec(realm.url) ?? [];
    const disguised = [
      realm.other.replace('http://', `http://${host}@`),
      realm.other.replace('http://', `http://${host}%2F@`),
      realm.other.replace('http://', `http:\\\\${host}\\@`),
    ];
    for (const url of disguised) {
      await authFetch(`${url}/api/x`).then(
        () => {},
        () => {},
      );
    }
    const tokens = (await realm.log()).filter(
      ({ origin, headers }) => origin === 'other' && /^Bearer /.test(headers['authorization'] ?? ''),
    );
    t.expect.equal(tokens, [], 'tokens at the other origin');
  },

  'an origin is known however its URL is spelled': {
    needs: ['standard-urls'],
    async run(t) {
      const { realm, authFetch } = await signedIn(t);
      const url = realm.url.replace('http://', 'HTTP://');
      t.expect.equal((await authFetch(`${url}/api/a/../x`)).status, 200, 'the call');
    },
  },

  'two sessions in one context never share a token': async (t) => {
    const ada = await signedIn(t);
    const zoe = await signedIn(t, { session: {} });
    const both = [ada, zoe];
    for (const { realm } of both) await realm.expire();
    const calls = Array.from({ length: 12 }, (_, n) =>
      both[n % 2]?.authFetch(`${both[n % 2]?.realm.url}/api/${n}`),
    );
    t.expect.equal(
      (await Promise.all(calls)).map((response) => response?.status),
      Array(12).fill(200),
      'the calls',
    );
    for (const { realm } of both) {
      const id = /\w+$/.exec(realm.url)?.[0];
      const log = (await realm.log()).filter(({ path }) => path.startsWith('/api/'));
      t.expect.ok(
        log.every(({ headers }) => headers['authorization']?.startsWith(`Bearer at-${id}-`)),
        'each its own',
      );
      t.expect.equal(await counted(realm, 'tokens'), { tokens: 1 }, 'at the server');
    }
  },

  'http off loopback is refused when the auth fetch is made': async (t) => {
    const { session } = await signedIn(t);
    const made = Promise.resolve().then(() =>
      createAuthFetch({ baseUrl: 'http://api.example/', auth: session }),
    );
    const error = await t.expect.rejects(made, 'createAuthFetch');
    t.expect.equal(error.name, 'TypeError', 'the error');
    t.expect.match(error.message, /baseUrl/, 'the message names the option');
  },
});
