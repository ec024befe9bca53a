import { apiKey, bearer, createAuthFetch, createSession, outcomeOf } from 'latchkey/fetch';
import { group } from '../group.ts';
import { counted, refusedNext, sendings, signedIn } from '../session.ts';

export const headers = group('headers', {
  'arrive in each form in which they can be given, twice, and the caller’s are not changed': async (t) => {
    const { realm, authFetch } = await refusedNext(t);
    const object = { 'X-One': '1', 'x-two': '2' };
    const instance = new Headers(object);
    const given: readonly (readonly [string, HeadersInit])[] = [
      ['object', object],
      ['pairs', Object.entries(object)],
      ['instance', instance],
    ];
    for (const [form, init] of given) {
      await realm.expire();
      const response = await authFetch(`${realm.url}/api/${form}`, { headers: init });
      t.expect.equal(response.status, 200, form);
      const seen = await sendings(realm, `/api/${form}`);
      t.expect.equal(
        seen.map(({ status, headers }) => [status, headers['x-one'], headers['x-two']]),
        [
          [401, '1', '2'],
          [200, '1', '2'],
        ],
        form,
      );
    }
    t.expect.equal(object, { 'X-One': '1', 'x-two': '2' }, 'the object');
    t.expect.equal(instance.has('authorization'), false, 'the instance');
  },

  'an Authorization of the caller is left alone, and its refusal delivered': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    for (const init of [{ authorization: 'Bearer own' }, new Headers({ Authorization: 'Bearer own' })]) {
      const response = await authFetch(`${realm.url}/api/own`, { headers: init });
      t.expect.equal(response.status, 401, 'delivered');
    }
    const seen = await sendings(realm, '/api/own');
    t.expect.equal(
      seen.map(({ headers }) => headers['authorization']),
      ['Bearer own', 'Bearer own'],
      'the sendings',
    );
    t.expect.equal(await counted(realm, 'tokens'), { tokens: 0 }, 'at the server');
  },

  'auth: false sends a call without credentials': async (t) => {
    const { realm, authFetch } = await signedIn(t);
    const response = await authFetch(`${realm.url}/api/bare`, { auth: false });
    t.expect.equal([response.status, outcomeOf(response)], [401, undefined], 'delivered as it came');
    const [sent] = await sendings(realm, '/api/bare');
    t.expect.equal(sent?.headers['authorization'], undefined, 'Authorization');
  },

  'an API key goes in a header, or in the query beside what is there': async (t) => {
    const realm = await t.server.realm();
    const inHeader = createAuthFetch({
      baseUrl: realm.url,
      auth: apiKey({ header: 'X-API-Key', value: 'key-1' }),
    });
    const inQuery = createAuthFetch({
      baseUrl: realm.url,
      auth: apiKey({ query: 'api_key', value: 'key-1' }),
    });
    const statuses = [
      (await inHeader(`${realm.url}/key/a?b=c`)).status,
      (await inQuery(`${realm.url}/key/a?b=c#d`)).status,
      (await inQuery(`${realm.url}/key/a`)).status,
    ];
    t.expect.equal(statuses, [200, 200, 200], 'the calls');
    const paths = (await realm.log()).map(({ path }) => path);
    t.expect.equal(paths, ['/key/a?b=c', '/key/a?b=c&api_key=key-1', '/key/a?api_key=key-1'], 'the URLs');
  },

  'a secret that would be two header fields is never written': async (t) => {
    const realm = await t.server.realm();
    const injected = 'a\r\nX-Injected: 1';
    const session = createSession();
    await session.signIn({ accessToken: injected }).catch(() => {});
    const calls = [
      () => createAuthFetch({ baseUrl: realm.url, auth: session })(`${realm.url}/open/x`),
      () => createAuthFetch({ baseUrl: realm.url, auth: bearer(injected) })(`${realm.url}/open/x`),
      () => createAuthFetch({ baseUrl: realm.url, auth: bearer(() => injected) })(`${realm.url}/open/x`),
      () =>
        createAuthFetch({ baseUrl: realm.url, auth: apiKey({ header: 'X-API-Key', value: () => injected }) })(
          `${realm.url}/open/x`,
        ),
    ];
    for (const call of calls) {
      await Promise.resolve()
        .then(call)
        .catch(() => {});
    }
    const seen = await sendings(realm, '/open/x');
    t.expect.ok(
      seen.every(({ headers }) => headers['x-injected'] === undefined),
      'no field of the attacker’s',
    );
    t.expect.ok(
      seen.every(({ headers }) => !/x-injected/i.test(JSON.stringify(headers))),
      'and nothing that holds it',
    );
  },

  'every method keeps its name and its body': async (t) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { realm, authFetch } = await refusedNext(t);
      const body = /^(GET|HEAD|OPTIONS)$/.test(method) ? null : method;
      const response = await authFetch(`${realm.url}/api/${method}`, { method, body });
      t.expect.equal(response.status, 200, method);
      const seen = await sendings(realm, `/api/${method}`);
      t.expect.equal(
        seen.map(({ method: sent, text, status }) => [sent, text, status]),
        [
          [method, body ?? '', 401],
          [method, body ?? '', 200],
        ],
        method,
      );
    }
  },
});
