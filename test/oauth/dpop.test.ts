import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAuthFetch, createSession, memoryStore, outcomeOf } from '../../src/fetch.js';
import {
  clientCredentialsGrant,
  oauthProvider,
  type ProviderOptions,
  refreshTokenGrant,
} from '../../src/oauth/index.js';
import { type DpopKey, dpop, dpopKey } from '../../src/schemes/dpop/index.js';
import { proofChecker } from '../support/dpop-proof.js';
import {
  authorizationServer,
  context,
  issuer,
  json,
  metadata,
  metadataUrl,
  rejection,
  type Seen,
  tokens,
  tokenUrl,
} from './authorization-server.js';

afterEach(() => vi.unstubAllGlobals());

const bound = { ...tokens, token_type: 'DPoP' };
const key = dpopKey();
const refresh = (dpopWith: DpopKey | undefined = key, more: object = {}) =>
  refreshTokenGrant({ issuer, clientId: 'spa', dpop: dpopWith, ...more } as ProviderOptions);
const wantsNonce = (nonce?: string, status = 400) =>
  json({ error: 'use_dpop_nonce' }, status, nonce === undefined ? {} : { 'dpop-nonce': nonce });

/** The proofs of token requests, checked; none may hold a token. */
async function proofsOf(requests: readonly Seen[]) {
  const check = proofChecker();
  const proofs = [];
  for (const request of requests) proofs.push(await check(request));
  return proofs;
}

describe('a token request with a DPoP key', () => {
  it('is proved for POST at the token endpoint without its query, and without "ath" (RFC 9449, section 5)', async () => {
    const url = `${tokenUrl}?tenant=1`;
    const server = authorizationServer({ [url]: () => json(bound) });
    const options = { tokenEndpoint: url, clientId: 'spa', dpop: key };
    expect(await refreshTokenGrant(options)(context(server.fetch))).toMatchObject({ token_type: 'DPoP' });
    const [proof] = await proofsOf(server.requests);
    expect(proof?.claims).toMatchObject({ htm: 'POST', htu: tokenUrl });
    expect(proof?.claims).not.toHaveProperty('ath');
    expect(proof?.claims).not.toHaveProperty('nonce');
  });

  it('keeps its client authentication, and discovery gets no proof', async () => {
    const server = authorizationServer({ [tokenUrl]: () => json(bound) });
    const grant = clientCredentialsGrant({ issuer, clientId: 'c', clientSecret: 's', dpop: key });
    await grant(context(server.fetch));
    const [discovery, request] = server.requests;
    expect(discovery?.headers.has('dpop')).toBe(false);
    expect(request?.headers.get('authorization')).toMatch(/^Basic /);
    expect(request?.headers.get('dpop')).toMatch(/^ey/);
  });

  it('is not proved without a key', async () => {
    const server = authorizationServer();
    await refreshTokenGrant({ issuer, clientId: 'spa' })(context(server.fetch));
    expect(server.to(tokenUrl)[0]?.headers.has('dpop')).toBe(false);
  });

  it.each([
    [400, 'n-1'],
    [401, 'n-1'],
  ])(
    'answers use_dpop_nonce of a %i once, with the same refresh token, and keeps the nonce',
    async (status, nonce) => {
      const server = authorizationServer({
        [tokenUrl]: [wantsNonce(nonce, status), json(bound, 200, { 'dpop-nonce': 'n-2' })],
      });
      const own = dpopKey();
      expect(await refresh(own)(context(server.fetch))).toMatchObject({ access_token: 'at-1' });
      await refresh(own)(context(server.fetch));
      const requests = server.to(tokenUrl);
      const proofs = await proofsOf(requests);
      expect(requests.map(({ form }) => form.get('refresh_token'))).toEqual(['rt-1', 'rt-1', 'rt-1']);
      expect(proofs.map(({ claims }) => claims['nonce'])).toEqual([undefined, nonce, 'n-2']);
      expect(new Set(proofs.map(({ jkt }) => jkt)).size).toBe(1);
    },
  );

  it('makes a client assertion of its own for the second request too', async () => {
    const server = authorizationServer({ [tokenUrl]: [wantsNonce('n'), json(bound)] });
    const secret = { clientSecret: 'a secret of at least thirty-two bytes', clientAuth: 'client_secret_jwt' };
    await refresh(dpopKey(), secret)(context(server.fetch));
    const assertions = server.to(tokenUrl).map(({ form }) => form.get('client_assertion'));
    expect(new Set(assertions).size).toBe(2);
  });

  it('is not repeated by a server that always wants another nonce; the last is for the next', async () => {
    let n = 0;
    const server = authorizationServer({ [tokenUrl]: () => wantsNonce(`n-${++n}`) });
    const own = dpopKey();
    for (let i = 0; i < 2; i++) {
      expect(await rejection(refresh(own)(context(server.fetch)))).toMatchObject({
        code: 'refresh-misconfigured',
        error: 'use_dpop_nonce',
      });
    }
    const proofs = await proofsOf(server.to(tokenUrl));
    expect(proofs.map(({ claims }) => claims['nonce'])).toEqual([undefined, 'n-1', 'n-2', 'n-3']);
  });

  it.each([
    ['no nonce', wantsNonce()],
    ['a nonce that is none', wantsNonce('n"')],
    ['status 200', json({ error: 'use_dpop_nonce' }, 200, { 'dpop-nonce': 'n' })],
    ['another error', json({ error: 'invalid_dpop_proof' }, 400, { 'dpop-nonce': 'n' })],
    ['no JSON', new Response('use_dpop_nonce', { status: 400, headers: { 'dpop-nonce': 'n' } })],
    [
      'a body without end',
      new Response('x'.repeat(2_000_000), { status: 400, headers: { 'dpop-nonce': 'n' } }),
    ],
  ])('is not repeated for %s', async (_, answer) => {
    const server = authorizationServer({ [tokenUrl]: answer });
    const error = await rejection(refresh(dpopKey())(context(server.fetch)));
    expect(error).toMatchObject({ code: 'refresh-misconfigured' });
    expect(server.to(tokenUrl)).toHaveLength(1);
  });

  it('is not repeated with the nonce that was refused', async () => {
    const server = authorizationServer({
      [tokenUrl]: [json(bound, 200, { 'dpop-nonce': 'n' }), wantsNonce('n')],
    });
    const own = dpopKey();
    await refresh(own)(context(server.fetch));
    expect(await rejection(refresh(own)(context(server.fetch)))).toMatchObject({ error: 'use_dpop_nonce' });
    expect(server.to(tokenUrl)).toHaveLength(2);
  });

  it('is not repeated where it is aborted meanwhile', async () => {
    const controller = new AbortController();
    const server = authorizationServer({
      [tokenUrl]: () => {
        controller.abort();
        return wantsNonce('n');
      },
    });
    await rejection(refresh(dpopKey())(context(server.fetch, controller.signal)));
    const sent = server.to(tokenUrl);
    expect(sent.slice(1).every(({ init }) => init.signal?.aborted)).toBe(true);
  });

  it('hands a busy server to the session, and learns its nonce', async () => {
    const server = authorizationServer({
      [tokenUrl]: [new Response('', { status: 503, headers: { 'dpop-nonce': 'n' } }), json(bound)],
    });
    const own = dpopKey();
    expect(((await refresh(own)(context(server.fetch))) as Response).status).toBe(503);
    await refresh(own)(context(server.fetch));
    const proofs = await proofsOf(server.to(tokenUrl));
    expect(proofs.map(({ claims }) => claims['nonce'])).toEqual([undefined, 'n']);
  });
});

describe('the tokens of a provider with a DPoP key', () => {
  it.each(['DPoP', 'dpop', 'DPOP'])('are taken with token_type %j', async (token_type) => {
    const server = authorizationServer({ [tokenUrl]: () => json({ ...tokens, token_type }) });
    expect(await refresh()(context(server.fetch))).toMatchObject({ access_token: 'at-1' });
  });

  it('are discarded where a tokenType beside it says that they are not bound', async () => {
    const server = authorizationServer({ [tokenUrl]: () => json({ ...bound, tokenType: 'Bearer' }) });
    const error = await rejection(refresh()(context(server.fetch)));
    expect(error).toMatchObject({ code: 'token-response', issues: [{ path: ['token_type'] }] });
  });

  it.each(['Bearer', undefined, null, 'mac', 1])(
    'are discarded with token_type %j, with a clear error and without their values (RFC 9449, section 5)',
    async (token_type) => {
      const server = authorizationServer({ [tokenUrl]: () => json({ ...tokens, token_type }) });
      const error = await rejection(refresh()(context(server.fetch)));
      expect(error).toMatchObject({
        code: 'token-response',
        issues: [{ message: 'must be DPoP: the tokens are not bound to the key', path: ['token_type'] }],
      });
      expect(inspect(error)).not.toMatch(/at-1|rt-2/);
    },
  );

  it('are of another binding than those of the same client without one: neither is sent in its place', async () => {
    const store = memoryStore();
    const plain = createSession({ refresh: refreshTokenGrant({ issuer, clientId: 'spa' }), store });
    await plain.signIn({ access_token: 'at', refresh_token: 'rt' });
    const session = createSession({ refresh: refresh(), store });
    expect(await session.ready()).toMatchObject({ status: 'signed-out', cause: 'never' });
    await Promise.all([plain.close(), session.close()]);
  });
});

describe('a DPoP key that does not fit', () => {
  it('is misconfigured where the metadata name other algorithms, and nothing is posted', async () => {
    const server = authorizationServer({
      [metadataUrl]: () => metadata({ dpop_signing_alg_values_supported: ['RS256', 'EdDSA'] }),
    });
    expect(await rejection(refresh()(context(server.fetch)))).toMatchObject({
      code: 'refresh-misconfigured',
      message: 'The authorization server takes no DPoP proofs signed with ES256',
    });
    expect(server.to(tokenUrl)).toEqual([]);
  });

  it.each([[['RS256', 'ES256']], ['ES384'], [undefined]])('is used where they say %j', async (algs) => {
    const server = authorizationServer({
      [metadataUrl]: () => metadata({ dpop_signing_alg_values_supported: algs }),
      [tokenUrl]: () => json(bound),
    });
    await refresh()(context(server.fetch));
    expect(server.to(tokenUrl)).toHaveLength(1);
  });

  it.each([
    [
      'a platform without Web Crypto',
      () => vi.stubGlobal('crypto', undefined),
      () => dpopKey(),
      /no Web Crypto/,
    ],
    [
      'a JWK that cannot be imported',
      () => {},
      () => dpopKey({ jwk: { kty: 'EC', crv: 'P-256', x: 'xx', y: 'yy', d: 'secret' } }),
      /`jwk` is no key/,
    ],
    ['IndexedDB that is not there', () => {}, () => dpopKey({ indexedDb: 'k' }), /`indexedDb` is not/],
  ])('is misconfigured with %s: nobody is signed out', async (_, prepare, make, message) => {
    const server = authorizationServer();
    const session = createSession({
      refresh: refresh(make(), { tokenEndpoint: tokenUrl, issuer: undefined }),
      fetch: server.fetch,
    });
    await session.signIn({ access_token: 'at', refresh_token: 'rt', token_type: 'DPoP' });
    prepare();
    const error = await rejection(session.refresh());
    expect(error).toMatchObject({ code: 'refresh-misconfigured', message: expect.stringMatching(message) });
    expect(inspect(error)).not.toContain('secret');
    expect([server.requests.length, session.getSnapshot().status]).toEqual([0, 'signed-in']);
    await session.close();
  });

  it('is unavailable where IndexedDB fails: the session is intact', async () => {
    vi.stubGlobal('indexedDB', {
      open: () => {
        throw new Error('secret');
      },
    });
    const server = authorizationServer();
    const error = await rejection(refresh(dpopKey({ indexedDb: 'k' }))(context(server.fetch)));
    expect(error).toMatchObject({ code: 'refresh-unavailable' });
    expect(inspect(error)).not.toContain('secret');
  });

  it.each([null, 'key', {}, { alg: 'ES256' }])('is a TypeError where it is %j', (given) => {
    expect(() => oauthProvider({ issuer, clientId: 'spa', dpop: given as never })).toThrow(
      new TypeError('dpop must be made by dpopKey() of latchkey/dpop'),
    );
  });

  it('is not shown by the provider', () => {
    expect(inspect(oauthProvider({ issuer, clientId: 'spa', dpop: key }))).toBe("{ clientId: 'spa' }");
  });

  it.each([
    ['invalid_grant', 'session-ended', 'signed-out'],
    ['invalid_dpop_proof', undefined, 'signed-in'],
  ])('at a refresh after the old one was lost is %s: no loop', async (said, reason, status) => {
    const server = authorizationServer({
      [tokenUrl]: () => json({ error: said }, 400),
      'https://api.example.com/': () =>
        new Response('', { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_token"' } }),
    });
    const own = dpopKey();
    const session = createSession({ refresh: refresh(own), fetch: server.fetch });
    await session.signIn({ access_token: 'at', refresh_token: 'rt', token_type: 'DPoP' });
    const api = createAuthFetch({
      baseUrl: 'https://api.example.com/',
      auth: dpop(session, own),
      fetch: server.fetch,
    });
    const outcome = await api('/').then(
      (response) => outcomeOf(response)?.reason,
      (error: { error: string }) => error.error,
    );
    expect(outcome).toBe(reason ?? said);
    expect(session.getSnapshot().status).toBe(status);
    expect([server.to(tokenUrl).length, server.to('https://api.example.com/').length]).toEqual([1, 1]);
    await session.close();
  });
});
