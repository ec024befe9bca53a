import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../src/fetch.js';
import { dpopKey } from '../../src/schemes/dpop/index.js';
import { dpopApi, refusal } from '../support/dpop-api.js';
import { API, challenged, refused } from '../support/spec-resource.js';

const ok = (nonce?: string) =>
  new Response('ok', nonce === undefined ? {} : { headers: { 'dpop-nonce': nonce } });

describe('a request with a DPoP token', () => {
  it('is sent with the auth-scheme DPoP and one proof, whatever the caller sets (RFC 9449, section 7.1)', async () => {
    const { authFetch, seen } = await dpopApi(() => ok());
    await authFetch('/x');
    await authFetch('/x', { headers: { dpop: 'mine', 'X-Own': '1' } });
    await authFetch(new Request(`${API}/x`, { headers: { DPoP: 'mine', 'X-Own': '1' } }));
    expect(seen.map(({ headers }) => headers.get('x-own'))).toEqual([null, '1', '1']);
    // the server would have refused a second proof, and one without "ath"
    expect(seen.map(({ token, proof }) => [token, proof?.alg])).toEqual(Array(3).fill(['at-1', 'ES256']));
  });

  it.each([
    ['GET', '/x?a=1#f', 'GET', `${API}/x`],
    ['post', '/x', 'POST', `${API}/x`],
    ['patch', '/a/../b', 'patch', `${API}/b`],
    ['DELETE', 'https://API.example.com:443', 'DELETE', `${API}/`],
    ['PUT', `${API}/ä b/%7e`, 'PUT', `${API}/%C3%A4%20b/%7e`],
  ])('is proved for its method and URI: %s %s', async (method, input, htm, htu) => {
    const { authFetch, seen } = await dpopApi(() => ok());
    await authFetch(input, { method });
    expect(seen[0]?.proof?.claims).toMatchObject({ htm, htu });
  });

  it('is proved anew for every sending: a jti is never used twice', async () => {
    const { authFetch, seen } = await dpopApi((_, n) =>
      n === 1 ? refusal('use_dpop_nonce', 'n') : n === 2 ? refusal('invalid_token') : ok(),
    );
    await Promise.all([authFetch('/x'), authFetch('/x')]);
    await authFetch('/x');
    const ids = seen.map(({ proof }) => proof?.claims['jti']);
    expect(new Set(ids).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(4);
  });

  it('keeps its body, also where it is sent again for a nonce', async () => {
    const { authFetch, seen } = await dpopApi((_, n) => (n === 1 ? refusal('use_dpop_nonce', 'n') : ok()));
    await authFetch('/x', { method: 'POST', body: new TextEncoder().encode('bytes') });
    expect(seen.map(({ body }) => body)).toEqual(['bytes', 'bytes']);
  });
});

describe('use_dpop_nonce', () => {
  it('is answered once with that nonce and refreshes nothing', async () => {
    const api = await dpopApi(({ nonce }) => (nonce === 'n-1' ? ok() : refusal('use_dpop_nonce', 'n-1')));
    expect((await api.authFetch('/x')).status).toBe(200);
    expect((await api.authFetch('/y')).status).toBe(200);
    expect(api.sent).toEqual([
      ['at-1', undefined],
      ['at-1', 'n-1'],
      ['at-1', 'n-1'],
    ]);
    expect(new Set(api.seen.map(({ proof }) => proof?.jkt)).size).toBe(1);
    expect(api.refreshes).toBe(0);
  });

  it('is answered once, also by a server that always wants another; the last one is for the next call', async () => {
    const api = await dpopApi((_, n) => refusal('use_dpop_nonce', `n-${n}`));
    const response = await api.authFetch('/x');
    expect([response.status, outcomeOf(response)?.reason]).toEqual([401, 'refused-again']);
    expect(api.sent).toEqual([
      ['at-1', undefined],
      ['at-1', 'n-1'],
    ]);
    await api.authFetch('/x');
    expect(api.sent.slice(2)).toEqual([
      ['at-1', 'n-2'],
      ['at-1', 'n-3'],
    ]);
    expect(api.refreshes).toBe(0);
  });

  it.each([
    ['no nonce', undefined],
    ['the nonce that was sent', 'known'],
    ['a nonce that is none', 'n"\\'],
    ['two nonces', 'a, b'],
    ['a nonce without end', 'n'.repeat(5_000)],
  ])('is handed back where it comes with %s', async (_, nonce) => {
    const api = await dpopApi((_sent, n) => (n === 1 ? ok('known') : refusal('use_dpop_nonce', nonce)));
    await api.authFetch('/x');
    const response = await api.authFetch('/x');
    expect([response.status, await response.text()]).toEqual([401, 'no']);
    expect(outcomeOf(response)).toMatchObject({ reason: 'refused-again', sendings: 1 });
    expect([api.seen.length, api.refreshes]).toEqual([2, 0]);
  });

  it('is answered again after the token was replaced: the nonce may have changed meanwhile', async () => {
    const errors = ['use_dpop_nonce', 'invalid_token', 'use_dpop_nonce'];
    const api = await dpopApi((_, n) => (n < 4 ? refusal(errors[n - 1], `n-${n}`) : ok()));
    expect((await api.authFetch('/x')).status).toBe(200);
    expect(api.sent).toEqual([
      ['at-1', undefined],
      ['at-1', 'n-1'],
      ['at-2', 'n-2'],
      ['at-2', 'n-3'],
    ]);
    expect(api.refreshes).toBe(1);
  });

  it('of 400 or 403 is handed back, and its nonce is kept', async () => {
    const fields = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n' };
    const api = await dpopApi((_, n) => refused(fields, 'b', n === 1 ? 400 : 403));
    for (const status of [400, 403]) expect((await api.authFetch('/x')).status).toBe(status);
    expect(api.sent).toEqual([
      ['at-1', undefined],
      ['at-1', 'n'],
    ]);
  });
});

describe('a DPoP-Nonce', () => {
  it.each([200, 201, 204, 304, 400, 404, 429, 500])(
    'of a %i is used from the next request on',
    async (status) => {
      const answer = () => new Response(null, { status, headers: { 'dpop-nonce': 'n' } });
      const api = await dpopApi(answer);
      await api.authFetch('/x');
      await api.authFetch('/y');
      expect(api.sent).toEqual([
        ['at-1', undefined],
        ['at-1', 'n'],
      ]);
    },
  );

  it('is learned where nobody is signed in', async () => {
    const api = await dpopApi(() => ok('n'), { signIn: null });
    await api.authFetch('/x');
    await api.session.signIn({ access_token: 'at-1', token_type: 'DPoP' });
    await api.authFetch('/x');
    expect(api.sent).toEqual([
      [undefined, undefined],
      ['at-1', 'n'],
    ]);
  });

  it('goes to the server that supplied it, and to no other', async () => {
    const other = 'https://other.example.com';
    const api = await dpopApi(({ url }) => ok(new URL(url).host), { origins: [API, other] });
    for (const url of [`${API}/1`, `${other}/1`, `${API}/2`, `${other}/2`]) await api.authFetch(url);
    expect(api.seen.map(({ nonce }) => nonce)).toEqual([
      undefined,
      undefined,
      'api.example.com',
      'other.example.com',
    ]);
  });
});

describe('a refused proof or token', () => {
  it('is proved anew once where the proof was invalid', async () => {
    const api = await dpopApi(() => refusal('invalid_dpop_proof'));
    const response = await api.authFetch('/x');
    expect(outcomeOf(response)).toMatchObject({
      reason: 'refused-again',
      sendings: 2,
      signInRequired: false,
    });
    expect([api.seen.length, api.refreshes]).toEqual([2, 0]);
    expect(api.session.getSnapshot().status).toBe('signed-in');
  });

  it('is proved with the nonce that came with invalid_dpop_proof', async () => {
    const api = await dpopApi((_, n) => (n === 1 ? refusal('invalid_dpop_proof', 'n') : ok()));
    await api.authFetch('/x');
    expect(api.sent).toEqual([
      ['at-1', undefined],
      ['at-1', 'n'],
    ]);
  });

  it.each([
    ['invalid_token', refusal('invalid_token')],
    ['no error', refusal(undefined)],
    ['no challenge, as where CORS hides it', refused()],
    ['parameters nobody knows', refusal('invalid_token', undefined, 'foo="bar", realm="\\"", algs=""')],
  ])('is replaced once by a refresh where the server says %s', async (_, answer) => {
    const api = await dpopApi(() => answer.clone());
    expect(outcomeOf(await api.authFetch('/x'))).toMatchObject({ reason: 'refused-again', sendings: 2 });
    expect(api.sent).toEqual([
      ['at-1', undefined],
      ['at-2', undefined],
    ]);
    expect(api.refreshes).toBe(1);
  });

  it('is proved with a nonce that can be seen before it is replaced, where the challenge cannot be seen', async () => {
    const hidden = (nonce: string) => refused({ 'dpop-nonce': nonce });
    const wanted = await dpopApi(({ nonce }) => (nonce === 'n' ? ok() : hidden('n')));
    expect((await wanted.authFetch('/x')).status).toBe(200);
    expect(wanted.sent).toEqual([
      ['at-1', undefined],
      ['at-1', 'n'],
    ]);
    const expired = await dpopApi(({ token }, n) => (token === 'at-2' ? ok() : hidden(`n-${n}`)));
    expect((await expired.authFetch('/x')).status).toBe(200);
    expect(expired.sent).toEqual([
      ['at-1', undefined],
      ['at-1', 'n-1'],
      ['at-2', 'n-2'],
    ]);
    expect([wanted.refreshes, expired.refreshes]).toEqual([0, 1]);
  });

  it.each([
    ['Bearer', () => challenged('Bearer error="invalid_token"')],
    ['Basic', () => challenged('Basic realm="r"')],
    [
      'a proxy, 407',
      () => refused({ 'proxy-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n' }, '', 407),
    ],
    [
      'a proxy in a 401',
      () => refused({ 'proxy-authenticate': 'DPoP error="use_dpop_nonce"', 'www-authenticate': 'Odd' }),
    ],
  ])('is handed back where %s asks: never sent as Bearer, never to a proxy', async (_, answer) => {
    const api = await dpopApi(answer);
    await api.authFetch('/x');
    expect([api.seen.length, api.refreshes]).toEqual([1, 0]);
    expect(api.seen[0]?.headers.has('proxy-authorization')).toBe(false);
  });

  it.each([
    ['ES384 RS256', 0],
    ['es256', 0],
    ['ES256K', 0],
    ['ES256', 1],
    ['RS256 ES256 Ed25519', 1],
  ])('is given up where the server takes other algorithms than the key has: %s', async (algs, answers) => {
    const nonce = await dpopApi(() => refusal('use_dpop_nonce', 'n', `algs="${algs}"`));
    expect(outcomeOf(await nonce.authFetch('/x'))?.reason).toBe(answers ? 'refused-again' : 'not-answerable');
    expect(nonce.seen).toHaveLength(1 + answers);
    const token = await dpopApi(() => refusal('invalid_token', undefined, `algs="${algs}"`));
    await token.authFetch('/x');
    expect(token.refreshes).toBe(answers);
  });

  it('asks for more where the scope is too small, and refreshes nothing', async () => {
    const api = await dpopApi(() => refusal('insufficient_scope', undefined, 'scope="admin"'));
    expect(outcomeOf(await api.authFetch('/x'))?.reason).toBe('insufficient-scope');
    expect([api.seen.length, api.refreshes]).toEqual([1, 0]);
  });

  it('is sent a bounded number of times, whatever the server says', async () => {
    const errors = ['use_dpop_nonce', 'invalid_token', 'invalid_dpop_proof', undefined];
    for (let seed = 0; seed < 4 ** 4; seed++) {
      const api = await dpopApi((_, n) => refusal(errors[Math.floor(seed / 4 ** (n % 4)) % 4], `n-${n}`), {
        key,
      });
      expect((await api.authFetch('/x')).status).toBe(401);
      expect(api.seen.length).toBeLessThanOrEqual(4);
      expect(api.refreshes).toBeLessThanOrEqual(1);
    }
  });
});

describe('a hostile server', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'DPoP',
      'Bearer',
      'error=',
      '"use_dpop_nonce"',
      '"invalid_dpop_proof"',
      '"invalid_token"',
    ),
    fc.constantFrom(' ', ',', '=', '"', '\\', 'algs=', '"ES256"', 'nonce="x"', 'DPoP error="use_dpop_nonce"'),
    fc.string({ unit: 'grapheme-ascii', maxLength: 6 }),
  );
  const field = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('').trim());

  it('causes no crash, no loop, and no request to another place, whatever its fields hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 5 }), async (answers) => {
        const api = await dpopApi(
          (_, n) => {
            const [challenge, nonce] = answers[n % answers.length] as [string, string];
            return refused({ 'www-authenticate': challenge, 'dpop-nonce': nonce });
          },
          { key },
        );
        expect((await api.authFetch('/x')).status).toBe(401);
        expect(api.seen.length).toBeLessThanOrEqual(4);
        expect(new Set(api.seen.map(({ url }) => url))).toEqual(new Set([`${API}/x`]));
        expect(api.refreshes).toBeLessThanOrEqual(1);
      }),
    );
  });
});

const key = dpopKey();
