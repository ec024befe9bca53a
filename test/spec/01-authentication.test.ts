import { describe, expect, it } from 'vitest';
import { basic, createAuthFetch, defineScheme, outcomeOf, type Scheme } from '../../src/fetch.js';
import { API, challenged, refused, resource, rotating, signedIn } from '../support/spec-resource.js';

const onChallenge = (name: string): Scheme => ({
  name,
  credentials: (_target, challenge) =>
    challenge && { headers: { Authorization: `${name} x` }, version: name },
  remedy: (challenge, before) =>
    challenge?.scheme === name.toLowerCase() && before === undefined ? 'answer' : undefined,
});

describe('a 401 without a challenge that can be read', () => {
  it.each([
    [{}],
    [{ 'www-authenticate': '' }],
    [{ 'www-authenticate': ',, ' }],
    [{ 'www-authenticate': '="' }],
  ])('is handed back as it came where nobody can answer: %j', async (fields) => {
    const tokens = rotating(false);
    await tokens.ready;
    const original = refused(fields as Record<string, string>);
    const authFetch = createAuthFetch({ baseUrl: API, auth: tokens.session, fetch: async () => original });
    const response = await authFetch('/x');
    expect(response).toBe(original);
    expect(await response.text()).toBe('why');
    expect(outcomeOf(response)?.challenges).toEqual([]);
  });

  it('may be 64 KiB of anything', async () => {
    for (const piece of [',', 'a=', 'a ', '"', 'Bearer ']) {
      const { below, authFetch } = await signedIn(() => challenged(piece.repeat(65_536 / piece.length)));
      expect((await authFetch('/x')).status).toBe(401);
      expect(below.sent.length).toBeLessThanOrEqual(2);
    }
  });
});

describe('several challenges', () => {
  it.each(['Basic realm="b", Strong realm="s"', 'Strong realm="s", Basic realm="b"'])(
    'are answered in the order of the user, not of the server: %s',
    async (field) => {
      const below = resource(({ headers }) =>
        headers.has('authorization') ? new Response('ok') : challenged(field),
      );
      const auth = [onChallenge('Strong'), basic({ username: 'u', password: 'p' })];
      const authFetch = createAuthFetch({ baseUrl: API, auth, fetch: below.fetch });
      expect(await (await authFetch('/x')).text()).toBe('ok');
      expect(below.authorizations).toEqual([null, 'Strong x']);
    },
  );
});

describe('a realm', () => {
  it('is no secret between origins: the same name at another one is another space', async () => {
    const other = 'https://other.example.com';
    const evil = 'https://evil.example';
    const asked: string[] = [];
    const auth = basic(({ url }) => {
      asked.push(url);
      return url.startsWith(API) ? { username: 'u', password: 'p' } : undefined;
    });
    const below = resource(({ headers }) =>
      headers.has('authorization') ? new Response('ok') : challenged('Basic realm="the same"'),
    );
    const authFetch = createAuthFetch({ baseUrl: API, origins: [API, other], auth, fetch: below.fetch });
    expect((await authFetch('/x')).status).toBe(200);
    expect((await authFetch(`${other}/x`)).status).toBe(401);
    expect((await authFetch(`${evil}/x`)).status).toBe(401);
    expect(asked).toEqual([`${API}/x`, `${other}/x`]);
    const carried = below.sent.filter(({ headers }) => headers.has('authorization')).map(({ url }) => url);
    expect(carried).toEqual([`${API}/x`]);
  });
});

describe('Authentication-Info', () => {
  it.each([200, 206, 304, 400, 401, 403, 404, 500])(
    'reaches the scheme that was used, with what it sent, on %i too',
    async (status) => {
      const learnt: unknown[] = [];
      const scheme = (name: string) =>
        defineScheme({
          name,
          credentials: () => ({ headers: { Authorization: `${name} x` }, version: name }),
          learn: (sent, _target, response) =>
            learnt.push([name, sent?.version, response.headers.get('authentication-info')]),
        });
      const below = resource(
        () => new Response(null, { status, headers: { 'authentication-info': 'nextnonce="n"' } }),
      );
      const auth = [scheme('A'), scheme('B')];
      const authFetch = createAuthFetch({ baseUrl: API, auth, fetch: below.fetch });
      expect((await authFetch('/x')).status).toBe(status);
      // the other scheme sent nothing, so it is told of nothing that is its own
      expect(learnt).toEqual([
        ['A', 'A', 'nextnonce="n"'],
        ['B', undefined, 'nextnonce="n"'],
      ]);
    },
  );
});

describe('the method of a replay', () => {
  it.each(['propfind', 'Report', 'M-SEARCH', 'get', 'Post'])(
    'is written as the caller wrote it: %s',
    async (method) => {
      const { below, authFetch } = await signedIn(({ headers }) =>
        headers.get('authorization') === 'Bearer at-2' ? new Response('ok') : challenged('Bearer'),
      );
      expect((await authFetch('/x', { method })).status).toBe(200);
      expect(below.sent.map((sent) => sent.method)).toEqual([method, method]);
    },
  );
});
