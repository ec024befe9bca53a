import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { refreshTokenGrant, revocation } from '../../src/oauth/index.js';
import { createSession } from '../../src/session/session.js';
import {
  type ReferenceProvider,
  type ReferenceResource,
  startProvider,
  startResource,
} from '../support/oidc/index.ts';

let server: ReferenceProvider;
let api: ReferenceResource;

beforeAll(async () => {
  server = await startProvider({ accessTokenTtl: 60 });
  api = await startResource(server);
});
afterAll(async () => {
  await Promise.all([api.stop(), server.stop()]);
});

describe('Session.derive at oidc-provider, which ends the sign-in when a refresh token is used twice', () => {
  it('has a token for a part of the scope beside the sign-in’s own, with one refresh token in turns', async () => {
    const provider = { issuer: server.issuer, clientId: server.clientId };
    const session = createSession({ refresh: refreshTokenGrant(provider), revoke: revocation(provider) });
    await session.signIn(await server.signIn());
    const part = session.derive({ scope: 'read' });
    const before = server.counts.tokenRequests;
    const call = createAuthFetch({ origins: api.url, auth: part });
    const own = createAuthFetch({ origins: api.url, auth: session });
    const responses = await Promise.all([
      ...Array.from({ length: 20 }, () => call(api.url)),
      session.refresh().then(() => own(api.url)),
    ]);
    expect(responses.map(({ status }) => status)).toEqual(Array(21).fill(200));
    expect(server.counts.tokenRequests - before).toBe(2);
    const tokens = await Promise.all([part.token(), session.token()]);
    expect(tokens[0].accessToken).not.toBe(tokens[1].accessToken);

    await Promise.all([part.refresh(), session.refresh(), part.refresh()]);
    expect((await own(api.url)).status).toBe(200);
    expect(session.getSnapshot().status).toBe('signed-in');
    expect(server.counts.familiesRevoked).toBe(0);
    expect(server.counts.tokenRequests - before).toBeLessThanOrEqual(5);
    await part.signOut();
    expect((await call(api.url)).status).toBe(401);
  });
});
