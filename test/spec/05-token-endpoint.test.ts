import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthFetch, createSession, isAuthError, outcomeOf, type Session } from '../../src/fetch.js';
import { refreshTokenGrant } from '../../src/oauth/index.js';
import { challenged, refused, resource } from '../support/spec-resource.js';

const SERVER = 'https://server.example.com';

/** An API and its authorization server at one origin, so that the corridor could catch both. */
function oneOrigin(token: () => Response) {
  const below = resource(({ url }) => (url === `${SERVER}/token` ? token() : challenged('Bearer')));
  const session = createSession({
    refresh: refreshTokenGrant({ tokenEndpoint: `${SERVER}/token`, clientId: 'c', clientSecret: 's3cret' }),
    fetch: (...given) => corridor(...given),
  });
  const corridor = createAuthFetch({ baseUrl: SERVER, auth: session, fetch: below.fetch });
  return { below, session, corridor };
}

let session: Session;
beforeEach(() => {
  session = createSession();
});
afterEach(() => session.close());

describe('a 401 of the token endpoint', () => {
  it('with a challenge of its own is a misconfigured client: no recursion, nobody signed out', async () => {
    const made = oneOrigin(() =>
      refused(
        { 'www-authenticate': 'Basic realm="as", error="invalid_client"' },
        '{"error":"invalid_client"}',
      ),
    );
    session = made.session;
    await session.signIn({ access_token: 'at-1', refresh_token: 'rt-1' });
    const error = await made.corridor('/api').catch((thrown: unknown) => thrown);
    expect(isAuthError(error) && error.code).toBe('refresh-misconfigured');
    expect(made.below.sent.map(({ url }) => url)).toEqual([`${SERVER}/api`, `${SERVER}/token`]);
    // client authentication of its own, never the token of the session
    expect(made.below.authorizations).toEqual(['Bearer at-1', expect.stringMatching(/^Basic /)]);
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('with invalid_grant ends the session, after one request', async () => {
    const made = oneOrigin(() => refused({ 'www-authenticate': 'Bearer' }, '{"error":"invalid_grant"}'));
    session = made.session;
    await session.signIn({ access_token: 'at-1', refresh_token: 'rt-1' });
    expect(outcomeOf(await made.corridor('/api'))?.reason).toBe('session-ended');
    expect(made.below.sent).toHaveLength(2);
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
  });
});

describe('the scope of a token response', () => {
  it.each([
    ['that says none is as it was', {}, 'read write'],
    ['that says another replaces it', { scope: 'read' }, 'read'],
    ['that says null is as it was', { scope: null }, 'read write'],
  ])('%s', async (_name, more, expected) => {
    session = createSession({
      refresh: async () => ({ access_token: 'at-2', refresh_token: 'rt-2', ...more }),
    });
    await session.signIn({ access_token: 'at-1', refresh_token: 'rt-1', scope: 'read write' });
    await session.refresh();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-in', scope: expected });
  });
});

describe('a token type that is not understood', () => {
  it.each(['mac', 'N_A', 'DPoP2', ''])('is never sent: %j', async (token_type) => {
    const below = resource(() => challenged('Bearer'));
    session = createSession({
      refresh: async () => ({ access_token: 'at-2', refresh_token: 'rt-2', token_type }),
    });
    await session.signIn({ access_token: 'at-1', refresh_token: 'rt-1' });
    const authFetch = createAuthFetch({ baseUrl: SERVER, auth: session, fetch: below.fetch });
    const error = await authFetch('/x').catch((thrown: unknown) => thrown);
    const isAbsent = token_type === '';
    expect(isAuthError(error)).toBe(!isAbsent);
    expect(below.authorizations).toEqual(isAbsent ? ['Bearer at-1', 'Bearer at-2'] : ['Bearer at-1']);
  });
});

describe('a token that is bound to a key', () => {
  const bound = { access_token: 'at-2', refresh_token: 'rt-2', token_type: 'dpop' };

  it.each([
    ['signed in with', bound, []],
    ['that a refresh brings', { access_token: 'at-1', refresh_token: 'rt-1' }, ['Bearer at-1']],
  ])('is never sent as Bearer: one %s', async (_name, tokens, sent) => {
    const below = resource(() => challenged('Bearer'));
    session = createSession({ refresh: async () => bound });
    await session.signIn(tokens);
    const authFetch = createAuthFetch({ baseUrl: SERVER, auth: session, fetch: below.fetch });
    for (const input of ['/x', `${SERVER}/x`, new Request(`${SERVER}/x`)]) {
      await expect(authFetch(input)).rejects.toThrow(/^bearer: .*DPoP/);
    }
    expect(below.authorizations).toEqual(sent);
    // nothing is lost: it can be had by who can prove the key
    expect(await session.token()).toMatchObject({ accessToken: 'at-2', tokenType: 'DPoP' });
  });
});

describe('a token', () => {
  it('is asked for anew each time, by POST', async () => {
    let n = 1;
    const below = resource(() => Response.json({ access_token: `at-${++n}`, refresh_token: `rt-${n}` }));
    session = createSession({
      refresh: refreshTokenGrant({ tokenEndpoint: `${SERVER}/token`, clientId: 'c' }),
      fetch: below.fetch,
    });
    await session.signIn({ access_token: 'at-1', refresh_token: 'rt-1' });
    const renewed = [await session.refresh(), await session.refresh()];
    expect(renewed.map(({ accessToken }) => accessToken)).toEqual(['at-2', 'at-3']);
    expect(
      below.sent.map(({ method, body }) => [method, new URLSearchParams(body).get('refresh_token')]),
    ).toEqual([
      ['POST', 'rt-1'],
      ['POST', 'rt-2'],
    ]);
    for (const { init } of below.sent) expect(init.cache ?? 'default').not.toMatch(/cache/);
  });
});
