import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthClient, createAuthFetch, createSession } from '../../src/index.js';
import {
  clientCredentialsGrant,
  oauthProvider,
  refreshTokenGrant,
  revocation,
} from '../../src/oauth/index.js';
import {
  type ReferenceProvider,
  type ReferenceResource,
  services,
  startProvider,
  startResource,
} from '../support/oidc/index.ts';

let idp: ReferenceProvider;
let api: ReferenceResource;

beforeAll(async () => {
  idp = await startProvider({ accessTokenTtl: 60 });
  api = await startResource(idp);
});
afterAll(async () => {
  await Promise.all([api.stop(), idp.stop()]);
});

async function signedIn() {
  const server = oauthProvider({ issuer: idp.issuer, clientId: idp.clientId });
  const session = createSession({ refresh: refreshTokenGrant(server), revoke: revocation(server) });
  await session.signIn(await idp.signIn());
  const before = { ...idp.counts };
  api.reset();
  return {
    session,
    client: createAuthClient({ baseUrl: api.url, auth: session }),
    since: () => ({
      tokenRequests: idp.counts.tokenRequests - before.tokenRequests,
      familiesRevoked: idp.counts.familiesRevoked - before.familiesRevoked,
      refused: api.counts.unauthorized,
      ok: api.counts.ok,
    }),
  };
}

const times = <T>(count: number, task: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => task(index)));

describe('createSession with latchkey/oauth at oidc-provider', () => {
  it('settles everybody with one token request when the provider has ended the grant', async () => {
    const { session, client, since } = await signedIn();
    idp.revokeAll();
    const errors = await times(30, (i) => client.get(`${i}`).then(String, (error: unknown) => error));
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'unauthorized', reason: 'session-ended', signInRequired: true });
    }
    expect(since()).toEqual({ tokenRequests: 1, familiesRevoked: 0, refused: 30, ok: 0 });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
    await session.close();
  });

  it('gets over a token endpoint that fails twice', async () => {
    const { session, client, since } = await signedIn();
    idp.expireAccessTokens();
    idp.failNext(2, 503, { 'retry-after': '0' });
    expect((await client.get('x')).status).toBe(200);
    expect(since()).toEqual({ tokenRequests: 3, familiesRevoked: 0, refused: 1, ok: 1 });
    await session.close();
  });

  it('refreshes once for a hundred refused requests, and the rotated token works the next time', async () => {
    const { session, client, since } = await signedIn();
    idp.expireAccessTokens();
    await times(100, (i) => client.get(`${i}`));
    expect(since()).toEqual({ tokenRequests: 1, familiesRevoked: 0, refused: 100, ok: 100 });
    idp.expireAccessTokens();
    await client.get('again');
    expect(since()).toEqual({ tokenRequests: 2, familiesRevoked: 0, refused: 101, ok: 101 });
    await session.close();
  });

  it('revokes at sign-out: neither token is worth anything afterwards', async () => {
    const { session } = await signedIn();
    const { accessToken } = await session.token();
    await session.signOut();
    await expect
      .poll(
        async () => (await fetch(api.url, { headers: { authorization: `Bearer ${accessToken}` } })).status,
      )
      .toBe(401);
    await session.close();
  });

  it('shares one acquired token among a service’s concurrent calls', async () => {
    const session = createSession({
      acquire: clientCredentialsGrant({ issuer: idp.issuer, scope: 'read', ...services.odd }),
    });
    const before = idp.counts.tokenRequests;
    const authFetch = createAuthFetch({ auth: session, baseUrl: api.url });
    const answers = await times(20, async () => (await authFetch('orders')).json());
    expect(new Set(answers.map(({ client }) => client))).toEqual(new Set(['cc:odd']));
    expect(idp.counts.tokenRequests - before).toBe(1);
    await session.close();
  });
});
