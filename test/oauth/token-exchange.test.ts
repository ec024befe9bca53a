import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { createSession } from '../../src/index.js';
import { type ProviderOptions, tokenExchangeGrant } from '../../src/oauth/index.js';
import { authorizationServer, context, issuer, json, rejection, tokenUrl } from './authorization-server.js';

const provider: ProviderOptions = { issuer, clientId: 'spa' };
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';
const exchanged = {
  access_token: 'ex-1',
  token_type: 'Bearer',
  expires_in: 60,
  issued_token_type: accessToken,
};

/** A session with this access token; each refresh brings another. */
async function signedIn(refreshes = true) {
  let n = 0;
  const refresh = vi.fn(async () => ({
    access_token: `subject-${++n}`,
    refresh_token: 'r',
    expires_in: 300,
  }));
  const session = createSession(refreshes ? { refresh } : {});
  await session.signIn({ access_token: 'subject-0', refresh_token: 'r', expires_in: 300 });
  return { session, refresh };
}

/** Refuses this subject token, and takes every other. */
const refusing = (token: string, error: string) => ({
  [tokenUrl]: ({ form }: { form: URLSearchParams }) =>
    form.get('subject_token') === token
      ? json({ error, error_description: `no ${token}` }, 400)
      : json(exchanged),
});

describe('tokenExchangeGrant', () => {
  it('tells no actor token that a server repeats', async () => {
    const said = () => json({ error: 'invalid_target', error_description: 'no delegation to act-0r' }, 400);
    const server = authorizationServer({ [tokenUrl]: said });
    const acting = { ...provider, parameters: { actor_token: 'act-0r', actor_token_type: accessToken } };
    const error = await rejection(tokenExchangeGrant(acting, async () => 'subject-0')(context(server.fetch)));
    expect(error.message).toContain('no delegation to [secret]');
  });

  it('takes no subject that is neither session nor function', () => {
    const make = tokenExchangeGrant as unknown as (...given: unknown[]) => unknown;
    for (const subject of [undefined, null, 'token', {}]) {
      expect(() => make(provider, subject)).toThrow(/^subject must be a session or a function/);
    }
    expect(() => make({ clientId: 'x' }, async () => 'x')).toThrow(/^issuer /);
  });

  it.each(['', 5, null, undefined])('exchanges no subject token %j', async (value) => {
    const { fetch, requests } = authorizationServer();
    const acquire = tokenExchangeGrant(provider, async () => value as string);
    expect(await rejection(acquire(context(fetch)))).toMatchObject({ code: 'refresh-misconfigured' });
    expect(requests).toEqual([]);
  });

  it('says that nobody is signed in where the session is signed out', async () => {
    const { fetch, requests } = authorizationServer();
    const error = await rejection(tokenExchangeGrant(provider, createSession())(context(fetch)));
    expect(error).toMatchObject({ code: 'signed-out', signInRequired: true });
    expect(requests).toEqual([]);
  });

  it.each([
    ['token_type', { token_type: 'N_A' }],
    ['issued_token_type', { issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }],
    ['issued_token_type', { issued_token_type: 'urn:ietf:params:oauth:token-type:id_token' }],
    ['issued_token_type', { issued_token_type: 'urn:ietf:params:oauth:token-type:saml2' }],
    ['issued_token_type', { issued_token_type: 5 }],
  ])('uses nothing that is no access token: %s %j', async (name, more) => {
    const { fetch } = authorizationServer({ [tokenUrl]: () => json({ ...exchanged, ...more }) });
    expect(await rejection(tokenExchangeGrant(provider, async () => 's')(context(fetch)))).toMatchObject({
      code: 'token-response',
      issues: [{ path: [name] }],
    });
  });

  it.each(['invalid_request', 'invalid_grant', 'invalid_token'])(
    'replaces a session’s token that is refused with %s, and exchanges once more',
    async (error) => {
      const { session, refresh } = await signedIn();
      const { fetch, to } = authorizationServer(refusing('subject-0', error));
      expect(await tokenExchangeGrant(provider, session)(context(fetch))).toEqual(exchanged);
      expect(to(tokenUrl).map(({ form }) => form.get('subject_token'))).toEqual(['subject-0', 'subject-1']);
      expect(refresh).toHaveBeenCalledTimes(1);
    },
  );

  it('exchanges at most twice', async () => {
    const { session, refresh } = await signedIn();
    const { fetch, to } = authorizationServer({ [tokenUrl]: () => json({ error: 'invalid_grant' }, 400) });
    expect(await rejection(tokenExchangeGrant(provider, session)(context(fetch)))).toMatchObject({
      code: 'refresh-rejected',
    });
    expect([to(tokenUrl).length, refresh.mock.calls.length]).toEqual([2, 1]);
  });

  it('lets the refusal stand where the session has no other token', async () => {
    const { session } = await signedIn(false);
    const { fetch, to } = authorizationServer(refusing('subject-0', 'invalid_request'));
    const error = await rejection(tokenExchangeGrant(provider, session)(context(fetch)));
    expect(error).toMatchObject({ code: 'refresh-misconfigured', error: 'invalid_request' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('subject-0');
    expect(to(tokenUrl)).toHaveLength(1);
  });

  it.each([
    ['unauthorized_client', () => json({ error: 'unauthorized_client' }, 400)],
    ['a redirect', () => new Response(null, { status: 307, headers: { location: 'https://evil.test/' } })],
  ])('replaces nothing because of %s', async (_, answer) => {
    const { session, refresh } = await signedIn();
    const { fetch, requests } = authorizationServer({ [tokenUrl]: answer });
    expect(await rejection(tokenExchangeGrant(provider, session)(context(fetch)))).toMatchObject({
      code: 'refresh-misconfigured',
    });
    expect([refresh.mock.calls.length, requests.some(({ url }) => url.includes('evil'))]).toEqual([0, false]);
  });

  it('posts the subject token, its type, scope and target', async () => {
    const { session } = await signedIn();
    const { fetch, to } = authorizationServer({ [tokenUrl]: () => json(exchanged) });
    const options = { ...provider, scope: 'read', audience: 'orders', resource: 'https://orders.test/' };
    const acquire = tokenExchangeGrant(options, session);
    await acquire(context(fetch));
    expect(to(tokenUrl).map(({ form }) => Object.fromEntries(form))).toEqual([
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        client_id: 'spa',
        subject_token: 'subject-0',
        subject_token_type: accessToken,
        scope: 'read',
        audience: 'orders',
        resource: 'https://orders.test/',
      },
    ]);
    expect(acquire.boundTo).toBe(`${issuer} spa`);
  });

  it('says another subject_token_type where the parameters have one', async () => {
    const { fetch, to } = authorizationServer({
      [tokenUrl]: () => json({ ...exchanged, issued_token_type: undefined }),
    });
    const idToken = 'urn:ietf:params:oauth:token-type:id_token';
    const parameters = { subject_token_type: idToken };
    await tokenExchangeGrant({ ...provider, parameters }, async () => 'id')(context(fetch));
    expect(to(tokenUrl)[0]?.form.get('subject_token_type')).toBe(idToken);
  });

  it('exchanges anew for a refused token, with the subject’s token of that time', async () => {
    const { session: subject } = await signedIn();
    let n = 0;
    const { fetch, to } = authorizationServer({
      [tokenUrl]: () => json({ ...exchanged, access_token: `ex-${++n}` }),
    });
    const session = createSession({ acquire: tokenExchangeGrant(provider, subject), fetch });
    const first = await session.token();
    await subject.refresh();
    expect([first.accessToken, (await session.token({ refused: first })).accessToken]).toEqual([
      'ex-1',
      'ex-2',
    ]);
    expect(to(tokenUrl).map(({ form }) => form.get('subject_token'))).toEqual(['subject-0', 'subject-1']);
  });
});
