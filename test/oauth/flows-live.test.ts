import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthClient, createSession, decodeJwt } from '../../src/index.js';
import {
  authorizationCode,
  authorizationCodeGrant,
  deviceAuthorization,
  endSessionUrl,
  oauthProvider,
  type ProviderOptions,
  refreshTokenGrant,
  revocation,
} from '../../src/oauth/index.js';
import type { FetchLike } from '../../src/types.js';
import {
  Browser,
  type ReferenceProvider,
  type ReferenceResource,
  startProvider,
  startResource,
} from '../support/oidc/index.ts';
import { rejection } from './authorization-server.js';

let server: ReferenceProvider;
let api: ReferenceResource;
let redirectUri: string;

beforeAll(async () => {
  server = await startProvider({ accessTokenTtl: 60 });
  api = await startResource(server);
  redirectUri = `${server.issuer}/callback`;
});
afterAll(async () => {
  await Promise.all([api.stop(), server.stop()]);
});

/** The provider, and the paths that were asked, in order. */
function idpOf(options: Partial<ProviderOptions> & object = {}) {
  const paths: string[] = [];
  const fetch: FetchLike = (input, init) => {
    paths.push(new URL(String(input)).pathname);
    return globalThis.fetch(input, init);
  };
  const idp = oauthProvider({
    issuer: server.issuer,
    clientId: 'spa',
    scope: 'openid offline_access read',
    fetch,
    ...options,
  } as ProviderOptions);
  return { idp, paths };
}

describe('authorizationCode at oidc-provider', () => {
  async function signedIn() {
    const { idp, paths } = idpOf();
    const session = createSession({
      refresh: refreshTokenGrant(idp),
      revoke: revocation(idp),
      user: ({ idToken }) => idToken,
    });
    const login = authorizationCode(session, idp, { redirectUri });
    const { url, transaction } = await login.begin({ prompt: 'consent' });
    const browser = new Browser();
    const back = await browser.until(url, redirectUri);
    return { idp, paths, session, login, transaction, back, browser };
  }

  it('signs in with PKCE, state, iss and nonce: the token works, is refreshed, and is revoked', async () => {
    const { session, login, transaction, back, paths } = await signedIn();
    const before = server.counts.tokenRequests;
    expect(back.searchParams.get('iss')).toBe(server.issuer);
    await login.finish(back, transaction);
    expect(server.counts.tokenRequests - before).toBe(1);
    expect(paths.filter((path) => path === '/token')).toHaveLength(1);
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-in' });

    const client = createAuthClient({ baseUrl: api.url, auth: session });
    expect(await client.get('me').json()).toMatchObject({ client: 'spa', user: 'alice' });
    server.expireAccessTokens();
    expect(await client.get('me').json()).toMatchObject({ user: 'alice' });
    expect(server.counts.tokenRequests - before).toBe(2);

    const { accessToken } = await session.token();
    await session.signOut();
    const authorization = `Bearer ${accessToken}`;
    expect((await fetch(api.url, { headers: { authorization } })).status).toBe(401);
    expect(paths.filter((path) => path === '/token/revocation')).toHaveLength(2);
    await session.close();
  });

  it('discovers once for both halves', async () => {
    const { login, transaction, back, paths } = await signedIn();
    await login.finish(back.href, transaction);
    expect(paths).toEqual(['/.well-known/oauth-authorization-server', '/token']);
  });

  it('is refused with a code that was used, a forged state, and somebody else’s transaction', async () => {
    const { login, transaction, back } = await signedIn();
    const other = await signedIn();
    const forged = back.href.replace(/state=[\w-]+/, `state=${'x'.repeat(43)}`);
    expect(await rejection(login.finish(forged, transaction))).toMatchObject({ code: 'refresh-rejected' });
    expect(await rejection(login.finish(back, other.transaction))).toMatchObject({
      code: 'refresh-rejected',
    });
    await login.finish(back, transaction);
    expect(await rejection(login.finish(back, transaction))).toMatchObject({ code: 'refresh-rejected' });
    // The same code with a transaction that was not used: the verifier is another one.
    const mixed = {
      ...JSON.parse(other.transaction),
      state: back.searchParams.get('state')?.replace(/.$/, '_'),
    };
    const spent = back.href.replace(/state=[\w-]+/, `state=${mixed.state}`);
    expect(await rejection(login.finish(spent, JSON.stringify(mixed)))).toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('says what the provider refuses', async () => {
    const { idp } = idpOf();
    const login = authorizationCode(createSession(), idp, { redirectUri });
    const { url, transaction } = await login.begin({ prompt: 'none' });
    const back = await new Browser().until(url, redirectUri);
    expect(await rejection(login.finish(back, transaction))).toMatchObject({
      code: 'refresh-rejected',
      error: 'login_required',
    });
  });

  it('holds the ID Token to max_age', async () => {
    const { idp } = idpOf();
    const session = createSession({ user: (tokens) => decodeJwt(tokens.idToken ?? '') });
    const login = authorizationCode(session, idp, { redirectUri });
    const { url, transaction } = await login.begin({ maxAge: 60, prompt: 'consent' });
    await login.finish(await new Browser().until(url, redirectUri), transaction);
    expect(session.getSnapshot().user).toMatchObject({
      sub: 'alice',
      aud: 'spa',
      auth_time: expect.any(Number),
    });
  });

  it('pushes the request of a client that must', async () => {
    const client = { clientId: 'pushing', clientSecret: 'pushing-secret', scope: 'openid read' };
    const { idp, paths } = idpOf(client as Partial<ProviderOptions> & object);
    const session = createSession();
    const plain = authorizationCode(session, idp, { redirectUri });
    const refused = await plain.begin();
    const denied = await new Browser().until(refused.url, redirectUri);
    expect(await rejection(plain.finish(denied, refused.transaction))).toMatchObject({
      code: 'refresh-misconfigured',
      error: 'invalid_request',
    });

    const login = authorizationCode(session, idp, { redirectUri, pushed: true });
    const { url, transaction } = await login.begin();
    expect([...new URL(url).searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    await login.finish(await new Browser().until(url, redirectUri), transaction);
    expect(paths.filter((path) => path === '/request' || path === '/token')).toEqual(['/request', '/token']);
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('leads to the provider’s own sign-out, and back', async () => {
    const { idp, session, login, transaction, back, browser } = await signedIn();
    await login.finish(back, transaction);
    const snapshot = session.getSnapshot();
    const idToken = snapshot.status === 'signed-in' ? snapshot.user : undefined;
    const url = await endSessionUrl(idp, { idToken, postLogoutRedirectUri: `${server.issuer}/bye` });
    expect((await browser.submit(url, { logout: 'yes' }, `${server.issuer}/bye`)).pathname).toBe('/bye');
    // The browser is not known there any more.
    const again = await login.begin({ prompt: 'none' });
    const silent = await browser.until(again.url, redirectUri);
    expect(silent.searchParams.get('error')).toBe('login_required');
  });
});

describe('authorizationCodeGrant at oidc-provider', () => {
  it('signs in on the first call, and once', async () => {
    const { idp, paths } = idpOf();
    const session = createSession({
      acquire: authorizationCodeGrant(idp, {
        redirectUri,
        authorize: ({ url }) => new Browser().until(url, redirectUri),
      }),
      refresh: refreshTokenGrant(idp),
    });
    const client = createAuthClient({ baseUrl: api.url, auth: session });
    const answers = await Promise.all([
      client.get('a').json(),
      client.get('b').json(),
      client.get('c').json(),
    ]);
    expect(answers).toMatchObject([{ user: 'alice' }, { user: 'alice' }, { user: 'alice' }]);
    expect(paths.filter((path) => path === '/token')).toHaveLength(1);
    await session.close();
  });
});

// Both wait for the provider's interval, 5 seconds.
describe.concurrent('deviceAuthorization at oidc-provider', () => {
  const device = { clientId: 'tv' };

  it('signs in once the user has confirmed, and the refresh token works', async () => {
    const { idp, paths } = idpOf(device);
    let decided: Promise<Response> | undefined;
    const session = createSession({
      acquire: deviceAuthorization(idp, {
        show: ({ verificationUri, verificationUriComplete, userCode }) => {
          expect(verificationUriComplete).toContain(userCode);
          decided = new Browser().decide(verificationUri, userCode, 'confirm');
        },
      }),
      refresh: refreshTokenGrant(idp),
    });
    await session.signIn();
    expect((await decided)?.status).toBe(200);
    const client = createAuthClient({ baseUrl: api.url, auth: session });
    expect(await client.get('me').json()).toMatchObject({ client: 'tv', user: 'alice' });
    await session.refresh();
    expect(paths.filter((path) => path === '/device/auth' || path === '/token')).toEqual([
      '/device/auth',
      '/token',
      '/token',
    ]);
    await session.close();
  });

  it('says that the user has declined', async () => {
    const { idp } = idpOf(device);
    const session = createSession({
      acquire: deviceAuthorization(idp, {
        show: ({ verificationUri, userCode }) => {
          void new Browser().decide(verificationUri, userCode, 'abort');
        },
      }),
    });
    expect(await rejection(session.signIn())).toMatchObject({
      code: 'refresh-rejected',
      error: 'access_denied',
      signInRequired: true,
    });
    await session.close();
  });
});
