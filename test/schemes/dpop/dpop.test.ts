import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  basic,
  bearer,
  createAuthFetch,
  createCookieSession,
  createSession,
  outcomeOf,
  RefreshUnavailableError,
} from '../../../src/fetch.js';
import { dpopKeyCore } from '../../../src/protocol/dpop-key.js';
import { dpop, dpopKey } from '../../../src/schemes/dpop/index.js';
import { FakeCore, sessionOver } from '../../fetch/support.js';
import { deferred } from '../../support/deferred.js';
import { dpopApi, refusal } from '../../support/dpop-api.js';
import { API, challenged, refused, resource } from '../../support/spec-resource.js';

const ok = () => new Response('ok');
const bound = { access_token: 'at-1', refresh_token: 'rt', token_type: 'DPoP' };

describe('dpop', () => {
  it.each([
    ['no session', undefined, dpopKey(), '`session`'],
    ['a token', 'at-1', dpopKey(), '`session`'],
    ['a cookie session', createCookieSession({ refresh: async () => null }), dpopKey(), '`session`'],
    ['no key', createSession(), undefined, '`key`'],
    ['null', createSession(), null, '`key`'],
    ['what only looks like a key', createSession(), { alg: 'ES256' }, '`key`'],
  ])('refuses %s', (_, session, key, option) => {
    expect(() => dpop(session as never, key as never)).toThrow(TypeError);
    expect(() => dpop(session as never, key as never)).toThrow(`dpop: ${option} must be`);
  });

  it('sends a call without credentials where nobody is signed in, and says so', async () => {
    const api = await dpopApi(() => refusal(undefined, 'n'), { signIn: null });
    const response = await api.authFetch('/x');
    expect(outcomeOf(response)).toMatchObject({ reason: 'signed-out', signInRequired: true });
    expect(api.seen.map(({ headers }) => headers.has('dpop'))).toEqual([false]);
  });

  it('never sends a token that is bound to no key: a type it was not told of is Bearer', async () => {
    for (const token_type of ['Bearer', undefined]) {
      const api = await dpopApi(ok, { signIn: { access_token: 'secret', token_type } });
      const error = await api.authFetch('/x').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(/^TypeError: dpop: .*type must be DPoP/);
      expect(String(error)).not.toContain('secret');
      expect(api.seen).toEqual([]);
      // nothing is lost
      expect((await api.session.token()).accessToken).toBe('secret');
    }
  });

  it.each(['a b', 'a\r\nb', 'ä', ''])(
    'never sends a token that no header can carry: %j',
    async (accessToken) => {
      const core = new FakeCore();
      core.held = { ...core.make(accessToken), tokenType: 'DPoP' };
      const below = resource(ok);
      const auth = dpop(sessionOver(core), dpopKey());
      const error = await createAuthFetch({ baseUrl: API, auth, fetch: below.fetch })('/x').catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toEqual(
        new TypeError('dpop: the access token must be one or more visible ASCII characters'),
      );
      expect(below.sent).toEqual([]);
    },
  );

  it('tells the session that a server took its token, by any answer but 401 and 5xx', async () => {
    const core = new FakeCore();
    core.held = { ...core.make('at'), tokenType: 'DPoP' };
    const statuses = [503, 401, 404, 200];
    const below = resource((_, n) => new Response(null, { status: statuses[n - 1] ?? 200 }));
    core.renew = () => ({ undelivered: 'refused-again' });
    const auth = dpop(sessionOver(core), dpopKey());
    const authFetch = createAuthFetch({ baseUrl: API, auth, fetch: below.fetch });
    const counts: number[] = [];
    for (const _ of statuses) {
      await authFetch('/x');
      counts.push(core.acceptedTokens.length);
    }
    expect(counts).toEqual([0, 0, 1, 2]);
    expect(core.acceptedTokens[0]).toBe(core.held);
  });

  it('throws what keeps the session from saying what it holds, while it answers', async () => {
    const core = new FakeCore();
    core.held = { ...core.make('at'), tokenType: 'DPoP' };
    const below = resource(() => {
      core.current = () => Promise.reject(new RefreshUnavailableError());
      return refusal('use_dpop_nonce', 'n');
    });
    const auth = dpop(sessionOver(core), dpopKey());
    const authFetch = createAuthFetch({ baseUrl: API, auth, fetch: below.fetch });
    await expect(authFetch('/x')).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(below.sent).toHaveLength(1);
  });

  it('fails a call whose key cannot be used, and signs nobody out', async () => {
    const key = dpopKey({ jwk: { kty: 'EC', crv: 'P-256', x: 'a', y: 'b', d: 'c' } });
    const api = await dpopApi(ok, { key });
    await expect(api.authFetch('/x')).rejects.toThrow('`jwk` is no key that this platform can import');
    expect([api.seen.length, api.session.getSnapshot().status]).toEqual([0, 'signed-in']);
  });

  it('holds only the origins it is for', async () => {
    const api = await dpopApi(ok);
    await api.authFetch('https://evil.example.com/');
    await api.authFetch('/x', { auth: false });
    expect(api.seen.map(({ headers }) => headers.has('dpop'))).toEqual([false, false]);
  });

  it('frees who aborts while the proof is made', async () => {
    const waiting = deferred<string>();
    const key = dpopKey();
    const slow = { alg: key.alg, [dpopKeyCore]: { ...key[dpopKeyCore], prove: () => waiting.promise } };
    const api = await dpopApi(ok, { key: slow });
    const controller = new AbortController();
    const call = api.authFetch('/x', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    expect(api.seen).toEqual([]);
  });

  it('answers its own challenge among several schemes, and what another scheme is asked goes there', async () => {
    const key = dpopKey();
    const session = createSession();
    await session.signIn(bound);
    const below = resource(({ headers, url }) => {
      const sent = headers.get('authorization') ?? '';
      if (url.endsWith('/basic')) return sent.startsWith('Basic ') ? ok() : challenged('Basic realm="r"');
      return sent.startsWith('DPoP ') ? ok() : challenged('Bearer, DPoP algs="ES256"');
    });
    const auth = [basic({ username: 'u', password: 'p' }), dpop(session, key)];
    const authFetch = createAuthFetch({ baseUrl: API, auth, fetch: below.fetch });
    expect((await authFetch('/x')).status).toBe(200);
    expect((await authFetch('/basic')).status).toBe(200);
    expect(below.authorizations.map((sent) => sent?.split(' ')[0])).toEqual([
      'Basic',
      'DPoP',
      'DPoP',
      'Basic',
    ]);
  });

  it('shares what it knows of nonces with every scheme of its key', async () => {
    const api = await dpopApi(({ nonce }) => (nonce === 'n' ? ok() : refusal('use_dpop_nonce', 'n')));
    await api.authFetch('/x');
    const second = createAuthFetch({
      baseUrl: API,
      auth: dpop(api.session, api.key),
      fetch: async (...given) => {
        const proof = new Headers(given[1]?.headers).get('dpop') ?? '';
        return new Response(atob(proof.split('.')[1]?.replace(/-/g, '+').replace(/_/g, '/') ?? ''));
      },
    });
    expect(await (await second('/y')).json()).toMatchObject({ nonce: 'n' });
  });

  it('answers what isUnauthorized recognizes, a bounded number of times', async () => {
    const api = await dpopApi(() => refused({ 'dpop-nonce': 'n' }, '', 419), {
      isUnauthorized: ({ status }) => status === 419,
    });
    expect((await api.authFetch('/x')).status).toBe(419);
    expect([api.seen.length, api.refreshes]).toEqual([2, 1]);
  });

  it('tells no token and no proof in events, errors and logs', async () => {
    const events: unknown[] = [];
    const key = dpopKey();
    const proofs: string[] = [];
    const api = await dpopApi(
      ({ headers }) => {
        proofs.push(headers.get('dpop') ?? '');
        return refusal('invalid_dpop_proof', 'n', `error_description="at-1 ${headers.get('dpop')}"`);
      },
      { key, observe: (event) => events.push(event), signIn: { ...bound, access_token: 'at-1-secret' } },
    );
    const response = await api.authFetch('/x');
    const scheme = dpop(api.session, key);
    const text = inspect([events, outcomeOf(response), scheme, key, api.session], { depth: 12 });
    expect(proofs).toHaveLength(2);
    for (const secret of [...proofs, 'at-1-secret', 'rt-secret']) expect(text).not.toContain(secret);
    expect(text).not.toContain('CryptoKey');
  });

  it('cannot send in another scheme: bearer refuses its token', async () => {
    const session = createSession();
    await session.signIn(bound);
    const below = resource(ok);
    const authFetch = createAuthFetch({ baseUrl: API, auth: bearer(session), fetch: below.fetch });
    await expect(authFetch('/x')).rejects.toThrow(/^bearer: .*DPoP/);
    expect(below.sent).toEqual([]);
  });
});
