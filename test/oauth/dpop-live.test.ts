import { generateKeyPair } from 'dpop';
import { IDBFactory } from 'fake-indexeddb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthClient, createAuthFetch, createSession, customStore, outcomeOf } from '../../src/index.js';
import {
  clientCredentialsGrant,
  oauthProvider,
  refreshTokenGrant,
  revocation,
} from '../../src/oauth/index.js';
import { dpopKeyCore } from '../../src/protocol/dpop-key.js';
import { type DpopKey, dpop, dpopKey } from '../../src/schemes/dpop/index.js';
import { keptPair } from '../../src/schemes/dpop/kept.js';
import {
  boundService,
  type ReferenceProvider,
  startDpopResource,
  startProvider,
} from '../support/oidc/index.ts';

let idp: ReferenceProvider;
let api: Awaited<ReturnType<typeof startDpopResource>>;

beforeAll(async () => {
  idp = await startProvider({ accessTokenTtl: 60 });
  api = await startDpopResource(idp);
});
afterAll(async () => {
  await Promise.all([api.stop(), idp.stop()]);
});
beforeEach(() => {
  idp.settings.requireNonce = true;
  api.log.length = 0;
});

/** Alice, signed in by code and PKCE with tokens bound to a key, which another session may prove. */
async function signedIn(prove?: DpopKey) {
  const pair = await generateKeyPair('ES256');
  const key = prove ?? dpopKey(pair);
  const server = oauthProvider({ issuer: idp.issuer, clientId: 'spa-dpop', dpop: key });
  const session = createSession({ refresh: refreshTokenGrant(server), revoke: revocation(server) });
  await session.signIn(await idp.signIn(pair));
  const before = { ...idp.counts, answers: idp.log.length };
  return {
    session,
    me: createAuthFetch({ baseUrl: idp.issuer, auth: dpop(session, key) }),
    client: createAuthClient({ baseUrl: api.url, auth: dpop(session, key) }),
    since: () => ({
      token: idp.log.slice(before.answers).map(({ status }) => status),
      userinfo: idp.counts.userinfoRequests - before.userinfoRequests,
      familiesRevoked: idp.counts.familiesRevoked - before.familiesRevoked,
    }),
  };
}

describe('dpop at oidc-provider, which requires nonces', () => {
  it('sends with one nonce retry, then with none', async () => {
    const { me, since } = await signedIn();
    const first = await me('/me?a=1#f');
    expect([first.status, await first.json()]).toEqual([200, expect.objectContaining({ sub: 'alice' })]);
    expect(since()).toMatchObject({ token: [], userinfo: 2 });
    expect((await me('/me', { method: 'POST' })).status).toBe(200);
    expect(since()).toMatchObject({ token: [], userinfo: 3 });
  });

  it('refreshes with the same key and one nonce retry that spends no refresh token, then with none', async () => {
    const { session, me, since } = await signedIn();
    await session.refresh();
    await session.refresh();
    expect((await me('/me')).status).toBe(200);
    // issuer and userinfo are one server: its nonce is known by now
    expect(since()).toEqual({ token: [400, 200, 200], userinfo: 1, familiesRevoked: 0 });
    expect(await session.token()).toMatchObject({ tokenType: 'DPoP' });
  });

  it('renews an access token that expired, once for everybody, and sends every request with a proof of its own', async () => {
    const { client, me, since } = await signedIn();
    await me('/me');
    await client.get('x');
    idp.expireAccessTokens();
    api.log.length = 0;
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await client.get('x')).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(since()).toEqual({ token: [200], userinfo: 2, familiesRevoked: 0 });
    const count = (line: string) => api.log.filter((logged) => logged === line).length;
    expect([count('401 invalid_token'), count('200'), api.log.length]).toEqual([20, 20, 40]);
  });

  it('renews what userinfo no longer takes', async () => {
    const { me, since } = await signedIn();
    await me('/me');
    idp.expireAccessTokens();
    expect((await me('/me')).status).toBe(200);
    expect(since()).toEqual({ token: [200], userinfo: 4, familiesRevoked: 0 });
  });

  it('answers a nonce that the API changed without a token request, once a request', async () => {
    const { client, since } = await signedIn();
    await client.get('x');
    api.nonce = 'second';
    api.log.length = 0;
    await Promise.all(Array.from({ length: 10 }, () => client.post('x', { json: { a: 1 } })));
    const refused = api.log.filter((line) => line === '401 use_dpop_nonce').length;
    expect([refused, api.log.length - refused]).toEqual([10, 10]);
    expect(since().token).toEqual([]);
  });

  it('keeps the session across a reload, and ends it where the key is gone', async () => {
    vi.stubGlobal('indexedDB', new IDBFactory());
    let text: string | undefined;
    const load = () => {
      const key = dpopKey({ indexedDb: 'app' });
      const grant = refreshTokenGrant({ issuer: idp.issuer, clientId: 'spa-dpop', dpop: key });
      const store = customStore({
        read: () => text,
        write: (written) => {
          text = written;
        },
      });
      const session = createSession({ refresh: grant, store });
      return { key, session, me: createAuthFetch({ baseUrl: idp.issuer, auth: dpop(session, key) }) };
    };
    const first = load();
    await first.key[dpopKeyCore].prove({ method: 'GET', url: idp.issuer, nonce: undefined });
    await first.session.signIn(await idp.signIn(await keptPair('app')()));
    const from = idp.log.length;
    const second = load();
    await second.session.refresh();
    expect((await second.me('/me')).status).toBe(200);
    indexedDB.deleteDatabase('app');
    const third = load();
    expect((await third.session.ready()).status).toBe('signed-in');
    await expect(third.session.refresh()).rejects.toMatchObject({ code: 'refresh-rejected' });
    expect(third.session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
    expect(idp.log.slice(from).map(({ status }) => status)).toEqual([400, 200, 400, 400]);
    vi.unstubAllGlobals();
  });

  it('ends the session where the key is another than the tokens are bound to', async () => {
    const { session, client, since } = await signedIn(dpopKey());
    const error = await client.get('x').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unauthorized', reason: 'session-ended', signInRequired: true });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
    expect(since().token).toEqual([400, 400]);
    expect(api.log).toEqual(['401 use_dpop_nonce', '401 invalid_token']);
  });

  it('revokes at sign-out', async () => {
    const { session, client } = await signedIn();
    await client.get('x');
    const { accessToken } = await session.token();
    await session.signOut();
    expect(await idp.provider.AccessToken.find(accessToken)).toBeUndefined();
  });
});

describe('clientCredentialsGrant with a DPoP key at oidc-provider', () => {
  it.each(['ES256', 'Ed25519'] as const)(
    'gets tokens that are bound to a key for %s, and proves it',
    async (alg) => {
      const key = dpopKey(await generateKeyPair(alg));
      const grant = { issuer: idp.issuer, scope: 'read', ...boundService, dpop: key };
      const session = createSession({ acquire: clientCredentialsGrant(grant) });
      const orders = createAuthFetch({ baseUrl: api.url, auth: dpop(session, key) });
      const from = idp.log.length;
      expect((await orders('/orders')).status).toBe(200);
      expect((await orders('/orders')).status).toBe(200);
      expect(idp.log.slice(from).map(({ status }) => status)).toEqual([400, 200]);
      expect(api.log).toEqual(['401 use_dpop_nonce', '200', '200']);
    },
  );

  it('is refused where another key proves the tokens, after one renewal', async () => {
    const session = createSession({
      acquire: clientCredentialsGrant({ issuer: idp.issuer, ...boundService, dpop: dpopKey() }),
    });
    expect(await session.token()).toMatchObject({ tokenType: 'DPoP' });
    const from = idp.log.length;
    const orders = createAuthFetch({ baseUrl: api.url, auth: dpop(session, dpopKey()) });
    expect(outcomeOf(await orders('/orders'))).toMatchObject({ reason: 'refused-again', sendings: 3 });
    expect(api.log).toEqual(['401 use_dpop_nonce', '401 invalid_token', '401 invalid_token']);
    expect(idp.log.length - from).toBe(1);
  });

  it('is never sent as Bearer', async () => {
    const session = createSession({
      acquire: clientCredentialsGrant({ issuer: idp.issuer, ...boundService, dpop: dpopKey() }),
    });
    const orders = createAuthFetch({ baseUrl: api.url, auth: session });
    await expect(orders('/orders')).rejects.toThrow(/^bearer: .*DPoP/);
    expect(api.log).toEqual([]);
  });
});
