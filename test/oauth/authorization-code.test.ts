import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../src/index.js';
import type { ProviderOptions } from '../../src/oauth/index.js';
import { authorizationCode, oauthProvider } from '../../src/oauth/index.js';
import { deferred } from '../support/deferred.js';
import { issuer, json, metadataUrl, rejection, tokens, tokenUrl } from './authorization-server.js';
import { able, asked, authorizeUrl, callback, clientId, flow, redirectUri, withIdToken } from './flow.js';

afterEach(() => {
  vi.useRealTimers();
});

/** Begins, comes back with this, and finishes. */
async function finishing(of: Parameters<typeof flow>[0], back: Record<string, string> = {}) {
  const made = flow(of);
  const begun = await made.login.begin();
  const finish = () => made.login.finish(callback(begun.url, back), begun.transaction);
  return { ...made, ...begun, finish };
}

describe('authorizationCode finish', () => {
  it.each([undefined, null, 5, {}])(
    'takes %j neither for a callback URL nor for a transaction',
    async (value) => {
      const { login } = flow();
      const finish = login.finish as (...given: unknown[]) => Promise<unknown>;
      const error = await rejection(finish(value, '{}'));
      expect([error instanceof TypeError, error.message]).toEqual([
        true,
        expect.stringMatching(/^callbackUrl /),
      ]);
      expect((await rejection(finish(redirectUri, value))).message).toMatch(/^transaction /);
    },
  );

  const damaged: [string, (transaction: Record<string, unknown>) => unknown][] = [
    ['no JSON', () => 'x'],
    ['an array', () => '[]'],
    ['null', () => 'null'],
    ['a huge text', () => `"${'x'.repeat(70_000)}"`],
    ['another issuer', (kept) => ({ ...kept, boundTo: 'https://evil.test spa' })],
    ['another client', (kept) => ({ ...kept, boundTo: `${issuer} other` })],
    ['another redirect URI', (kept) => ({ ...kept, redirectUri: 'https://evil.test/' })],
    ['no verifier', (kept) => ({ ...kept, codeVerifier: undefined })],
    ['a short verifier', (kept) => ({ ...kept, codeVerifier: 'short' })],
    ['a short state', (kept) => ({ ...kept, state: '' })],
    ['a nonce of another type', (kept) => ({ ...kept, nonce: 5 })],
    ['a maxAge of another type', (kept) => ({ ...kept, maxAge: '5' })],
    ['no time', (kept) => ({ ...kept, at: undefined })],
    ['a time that is none', (kept) => ({ ...kept, at: 1.5 })],
    ['a time ahead of the clock', (kept) => ({ ...kept, at: Date.now() + 120_000 })],
    ['a time an hour ago', (kept) => ({ ...kept, at: Date.now() - 3_600_001 })],
  ];
  it.each(damaged)('refuses a transaction with %s, and asks nobody', async (_, damage) => {
    const { login, url, transaction, requests } = await finishing({});
    const before = requests.length;
    const kept = damage(JSON.parse(transaction));
    const text = typeof kept === 'string' ? kept : JSON.stringify(kept);
    expect(await rejection(login.finish(callback(url), text))).toMatchObject({
      code: 'refresh-rejected',
      signInRequired: true,
      message: expect.stringMatching(/^The transaction is refused/),
    });
    expect(requests.length).toBe(before);
  });

  it('refuses any text for a transaction with a typed error', async () => {
    const { login, url } = await finishing({});
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        expect(await rejection(login.finish(callback(url), text))).toMatchObject({
          code: 'refresh-rejected',
        });
      }),
      { numRuns: 100 },
    );
  });

  it('refuses a transaction of yesterday although the page is still open', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { finish } = await finishing({});
    vi.setSystemTime(Date.now() + 3_600_001);
    expect(await rejection(finish())).toMatchObject({
      message: expect.stringContaining('older than an hour'),
    });
  });

  const foreign: [string, (right: string) => string][] = [
    ['no query', () => redirectUri],
    ['nothing', () => ''],
    ['no state', () => `${redirectUri}?code=c0de&iss=${issuer}`],
    ['another state', (right) => right.replace(/state=[\w-]+/, `state=${'x'.repeat(43)}`)],
    ['its state twice', (right) => `${right}&${/state=[\w-]+/.exec(right)?.[0]}`],
    ['two codes', (right) => `${right}&code=other`],
    ['two codes, one in another spelling', (right) => `${right}&c%6Fde=other`],
    ['two issuers', (right) => `${right}&iss=${issuer}`],
    ['no code', (right) => right.replace('code=c0de&', '')],
    ['an empty code', (right) => right.replace('c0de', '')],
    ['its parameters in the fragment', (right) => right.replace('?', '#')],
    ['what cannot be decoded', (right) => `${right}&x=%E0%A4`],
    ['another issuer', (right) => right.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.test')],
    ['an empty issuer', (right) => right.replace(/iss=[^&]+/, 'iss=')],
    ['its issuer with a slash', (right) => `${right}%2F`],
  ];
  it.each(foreign)('refuses a callback with %s, and redeems nothing', async (_, change) => {
    const { login, url, transaction, to, signIn } = await finishing({});
    expect(await rejection(login.finish(change(callback(url)), transaction))).toMatchObject({
      code: 'refresh-rejected',
      message: expect.stringMatching(/^The authorization response is refused/),
    });
    expect([to(tokenUrl).length, signIn.mock.calls.length]).toEqual([0, 0]);
  });

  it('refuses any text for a callback with a typed error, and asks nobody for a token', async () => {
    const { login, transaction, to } = await finishing({});
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true })), async (text) => {
        expect(await rejection(login.finish(text, transaction))).toMatchObject({ code: 'refresh-rejected' });
      }),
      { numRuns: 100 },
    );
    expect(to(tokenUrl)).toEqual([]);
  });

  it('refuses what went to another issuer than the server names itself now', async () => {
    const { login, url, transaction, to } = await finishing({});
    const moved = JSON.stringify({ ...JSON.parse(transaction), issuer: `${issuer}/` });
    expect(await rejection(login.finish(callback(url), moved))).toMatchObject({
      message: expect.stringContaining('another issuer'),
    });
    expect(to(tokenUrl)).toEqual([]);
  });

  it('is unavailable, and leaves the transaction unused, where discovery is not to be had', async () => {
    const { url, transaction } = await finishing({});
    const busy = [new Response(null, { status: 503 }), () => able()];
    const session = createSession();
    const { provider } = flow({ routes: { [metadataUrl]: busy } });
    const login = authorizationCode(session, provider, { redirectUri });
    expect(await rejection(login.finish(callback(url), transaction))).toMatchObject({
      code: 'refresh-unavailable',
    });
    await login.finish(callback(url), transaction);
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('needs iss from a server that promises it', async () => {
    const promised = { authorization_response_iss_parameter_supported: true };
    const { login, url, transaction } = await finishing({ routes: { [metadataUrl]: () => able(promised) } });
    const bare = callback(url).replace(/&iss=.*/, '');
    expect(await rejection(login.finish(bare, transaction))).toMatchObject({
      message: expect.stringContaining('does not say its issuer'),
    });
    await login.finish(callback(url), transaction);
  });

  it('does without iss from a server that does not promise it', async () => {
    const { login, url, transaction, signIn } = await finishing({});
    await login.finish(callback(url).replace(/&iss=.*/, ''), transaction);
    expect(signIn).toHaveBeenCalledTimes(1);
  });

  it('shows nothing of an error whose issuer is another', async () => {
    const { finish } = await finishing(
      {},
      { iss: 'https://evil.test', error: 'phish', error_description: 'call me' },
    );
    const error = await rejection(finish());
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/phish|call me/);
    expect(error.error).toBeUndefined();
  });

  it.each([
    ['access_denied', 'refresh-rejected'],
    ['login_required', 'refresh-rejected'],
    ['interaction_required', 'refresh-rejected'],
    ['consent_required', 'refresh-rejected'],
    ['unmet_authentication_requirements', 'refresh-rejected'],
    ['temporarily_unavailable', 'refresh-unavailable'],
    ['server_error', 'refresh-unavailable'],
    ['invalid_scope', 'refresh-misconfigured'],
    ['unauthorized_client', 'refresh-misconfigured'],
    ['made_up', 'refresh-misconfigured'],
    ['', 'refresh-misconfigured'],
  ])('says error=%s as %s, and redeems nothing', async (error, code) => {
    const { finish, to } = await finishing({}, { error });
    const thrown = await rejection(finish());
    expect(thrown).toMatchObject({ code });
    if (code !== 'refresh-unavailable') expect(thrown.error).toBe(error);
    expect(to(tokenUrl)).toEqual([]);
  });

  it('shows of the server’s text only what is printable, and no secret', async () => {
    const made = flow();
    const { url, transaction } = await made.login.begin();
    const { codeVerifier, state } = JSON.parse(transaction);
    const said = {
      error: 'access_denied',
      error_description: `\u001b[31m${codeVerifier} ${state}${'x'.repeat(500)}`,
    };
    const error = await rejection(made.login.finish(callback(url, said), transaction));
    const shown = inspect(error, { depth: 9, showHidden: true });
    expect(shown).not.toContain(codeVerifier);
    expect(shown).not.toContain(state);
    expect((error as { errorDescription?: string }).errorDescription).toMatch(/^[ -~]{1,200}$/);
  });

  it.each([
    ['a spent code', () => json({ error: 'invalid_grant' }, 400), 'refresh-rejected'],
    ['a client that is refused', () => json({ error: 'invalid_client' }, 401), 'refresh-misconfigured'],
    [
      'a redirect',
      () => new Response(null, { status: 307, headers: { location: 'https://evil.test/' } }),
      'refresh-misconfigured',
    ],
    ['no JSON', () => new Response('<html>'), 'token-response'],
    ['a broken connection', new TypeError('fetch failed: c0de'), 'refresh-unavailable'],
  ])('fails with %s, without the code in the error', async (_, answer, code) => {
    const { finish, signIn, requests } = await finishing({ routes: { [tokenUrl]: answer } });
    const error = await rejection(finish());
    expect(error).toMatchObject({ code });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('c0de');
    expect(signIn).not.toHaveBeenCalled();
    expect(requests.some(({ url }) => url.includes('evil'))).toBe(false);
  });

  it('repeats neither code nor verifier that the server repeats', async () => {
    const { finish, transaction } = await finishing({
      routes: {
        [tokenUrl]: ({ form }) =>
          json(
            { error: 'invalid_grant', error_description: `${form.get('code')} ${form.get('code_verifier')}` },
            400,
          ),
      },
    });
    const shown = inspect(await rejection(finish()), { depth: 9, showHidden: true });
    expect(shown).not.toContain('c0de');
    expect(shown).not.toContain(JSON.parse(transaction).codeVerifier);
  });

  it('is unavailable at a busy token endpoint, and says when to come back', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
    const session = createSession();
    const routes = { [tokenUrl]: new Response(null, { status: 503, headers: { 'retry-after': '9' } }) };
    const { provider } = flow({ routes });
    const login = authorizationCode(session, provider, { redirectUri });
    const { url, transaction } = await login.begin();
    expect(await rejection(login.finish(callback(url), transaction))).toMatchObject({
      code: 'refresh-unavailable',
      retryAt: 1_800_000_009_000,
    });
  });

  it('gives up after 10 s, and leaves no timer', async () => {
    const redeeming = deferred<void>();
    const silent = () => {
      redeeming.resolve();
      return new Promise<Response>(() => {});
    };
    const { finish } = await finishing({ routes: { [tokenUrl]: silent } });
    vi.useFakeTimers();
    const finished = rejection(finish());
    await redeeming.promise;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await finished).toMatchObject({ code: 'refresh-unavailable' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('uses a transaction once, also by two calls at the same time', async () => {
    const { finish, to, signIn } = await finishing({});
    const both = await Promise.allSettled([finish(), finish()]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await rejection(finish())).toMatchObject({ message: expect.stringContaining('used before') });
    expect([to(tokenUrl).length, signIn.mock.calls.length]).toEqual([1, 1]);
  });

  it('uses a transaction once in the whole context, whatever flow it is given to', async () => {
    const { finish, url, transaction } = await finishing({});
    await finish();
    const other = flow();
    expect(await rejection(other.login.finish(callback(url), transaction))).toMatchObject({
      message: expect.stringContaining('used before'),
    });
  });

  it('leaves a transaction unused by a callback that is refused', async () => {
    const { login, url, transaction, signIn } = await finishing({});
    await rejection(login.finish(`${redirectUri}?code=c0de&state=forged`, transaction));
    await login.finish(callback(url), transaction);
    expect(signIn).toHaveBeenCalledTimes(1);
  });

  it('redeems the code with verifier, redirect URI and target, and signs in with the answer', async () => {
    const options = { resource: 'https://api.test/v1', scope: 'read' };
    const { finish, transaction, to, signIn, requests } = await finishing({ options });
    await finish();
    expect(to(tokenUrl).map(({ form }) => Object.fromEntries(form))).toEqual([
      {
        grant_type: 'authorization_code',
        client_id: clientId,
        code: 'c0de',
        redirect_uri: redirectUri,
        code_verifier: JSON.parse(transaction).codeVerifier,
        resource: 'https://api.test/v1',
      },
    ]);
    expect(signIn.mock.calls).toEqual([[tokens]]);
    expect(requests.map(({ url }) => url)).toEqual([metadataUrl, tokenUrl]);
  });

  it('takes a URL object, and a fragment after the query', async () => {
    const { login, url, transaction, signIn } = await finishing({});
    await login.finish(new URL(`${callback(url)}#_=_`), transaction);
    expect(signIn).toHaveBeenCalledTimes(1);
  });

  it('signs a real session in, also on another page than it began on', async () => {
    const { url, transaction, fetch } = await finishing({});
    const session = createSession();
    const again = authorizationCode(session, oauthProvider({ issuer, clientId, fetch }), { redirectUri });
    await again.finish(callback(url), transaction);
    expect((await session.token()).accessToken).toBe('at-1');
  });
});

describe('authorizationCode finish with an ID Token', () => {
  const nonce = { now: '' };
  async function withToken(claims: Record<string, unknown>, header?: Record<string, unknown>, begin = {}) {
    const made = flow({
      options: { scope: 'openid' },
      routes: withIdToken(() => ({ nonce: nonce.now, ...claims }), header),
    });
    const { url, transaction } = await made.login.begin(begin);
    nonce.now = asked(url)['nonce'] ?? '';
    return { ...made, finished: made.login.finish(callback(url), transaction) };
  }
  const seconds = () => Math.floor(Date.now() / 1000);

  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['another nonce', { nonce: 'x'.repeat(43) }],
    ['no nonce', { nonce: undefined }],
    ['another issuer', { iss: 'https://evil.test' }],
    ['another audience', { aud: 'other' }],
    ['several audiences and another authorized party', { aud: ['spa', 'other'], azp: 'other' }],
    ['no subject', { sub: undefined }],
    ['an end that is past', { exp: 1_000_000_000 }],
    ['no end', { exp: undefined }],
    ['an algorithm it did not announce', {}, { alg: 'HS256' }],
  ])('refuses one with %s', async (_, claims, header) => {
    const { finished, signIn } = await withToken({ secret: 'my-claim', ...claims }, header);
    const error = await rejection(finished);
    expect(error).toMatchObject({ code: 'token-response', issues: [{ path: ['id_token'] }] });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/my-claim|at-1/);
    expect(signIn).not.toHaveBeenCalled();
  });

  it.each([undefined, '', 'a.b', 'a.b.c', 5, {}])('refuses %j in its place', async (id_token) => {
    const { finish } = await finishing({
      options: { scope: 'openid' },
      routes: { [tokenUrl]: () => json({ ...tokens, id_token }) },
    });
    expect(await rejection(finish())).toMatchObject({ code: 'token-response' });
  });

  it.each(['openid', 'read'])(
    'checks the one that the session would keep, with the scope %s',
    async (scope) => {
      const right = withIdToken(() => ({ nonce: nonce.now }))[tokenUrl] as () => Response;
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const forged = `${part({ alg: 'RS256' })}.${part({ iss: 'https://evil.test', sub: 'eve' })}.c2ln`;
      const made = flow({
        options: { scope },
        routes: {
          [tokenUrl]: async () =>
            json({ ...(scope === 'openid' ? await right().json() : tokens), idToken: forged }),
        },
      });
      const { url, transaction } = await made.login.begin();
      nonce.now = asked(url)['nonce'] ?? '';
      const error = await rejection(made.login.finish(callback(url), transaction));
      expect(error).toMatchObject({ code: 'token-response', issues: [{ path: ['id_token'] }] });
      expect(made.signIn).not.toHaveBeenCalled();
    },
  );

  it('refuses a sign-in that is older than maxAge, and one that does not say', async () => {
    const old = await withToken({ auth_time: seconds() - 600 }, undefined, { maxAge: 60 });
    expect(await rejection(old.finished)).toMatchObject({
      code: 'refresh-rejected',
      message: expect.stringContaining('too long ago'),
    });
    const silent = await withToken({}, undefined, { maxAge: 60 });
    expect(await rejection(silent.finished)).toMatchObject({ code: 'token-response' });
  });

  it('signs in with one that is as it must be', async () => {
    const fine = await withToken({ auth_time: seconds() - 10, aud: ['spa'] }, undefined, { maxAge: 60 });
    await fine.finished;
    expect(fine.signIn.mock.calls[0]?.[0]).toMatchObject({ access_token: 'at-1' });
  });

  it('checks one that nobody asked for', async () => {
    const { finish } = await finishing({ routes: withIdToken(() => ({ iss: 'https://evil.test' })) });
    expect(await rejection(finish())).toMatchObject({ code: 'token-response' });
    const fine = await finishing({ routes: withIdToken(() => ({})) });
    await fine.finish();
  });

  it('has no issuer to compare with where endpoints are given, and checks the rest', async () => {
    const options = {
      issuer: undefined,
      tokenEndpoint: tokenUrl,
      authorizationEndpoint: authorizeUrl,
      scope: 'openid',
    } as unknown as Partial<ProviderOptions>;
    const run = async (claims: Record<string, unknown>) => {
      const made = flow({
        options,
        routes: withIdToken(() => ({ nonce: nonce.now, ...claims }), { alg: 'ES256' }),
      });
      const { url, transaction } = await made.login.begin();
      nonce.now = asked(url)['nonce'] ?? '';
      return made.login.finish(callback(url, { iss: 'https://any.test' }), transaction);
    };
    await run({ iss: 'https://any.test' });
    expect(await rejection(run({ aud: 'other' }))).toMatchObject({ code: 'token-response' });
    expect(await rejection(run({ nonce: 'x'.repeat(43) }))).toMatchObject({ code: 'token-response' });
  });
});
