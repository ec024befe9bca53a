import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../src/index.js';
import { revocation } from '../../src/oauth/index.js';
import {
  authorizationServer,
  context,
  issuer,
  json,
  metadata,
  metadataUrl,
  rejection,
  revocationUrl,
} from './authorization-server.js';

const provider = { issuer, clientId: 'spa' };
type Routes = Parameters<typeof authorizationServer>[0];

function revoking(routes: Routes, options: object = {}) {
  const server = authorizationServer(routes);
  const revoke = revocation({ ...provider, ...options });
  return { ...server, revoke: () => revoke(context(server.fetch)) };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('revocation', () => {
  it.each([
    ['a busy server', () => new Response(null, { status: 503, headers: { 'retry-after': '60' } })],
    ['a kind of token it does not revoke', () => json({ error: 'unsupported_token_type' }, 400)],
    ['a 200 with a body', () => new Response('whatever')],
  ])('is content with %s and still revokes the other token', async (_, answer) => {
    const { revoke, to } = revoking({ [revocationUrl]: answer });
    expect(await revoke()).toBeUndefined();
    expect(to(revocationUrl)).toHaveLength(2);
  });

  it('does nothing where the server has no revocation endpoint, or is busy', async () => {
    const without = revoking({ [metadataUrl]: () => metadata({ revocation_endpoint: undefined }) });
    await without.revoke();
    const busy = revoking({ [metadataUrl]: new Response(null, { status: 503 }) });
    await busy.revoke();
    const { fetch, requests } = authorizationServer();
    await revocation({ tokenEndpoint: `${issuer}/token`, clientId: 'spa' })(context(fetch));
    const sent = [...without.requests, ...busy.requests, ...requests];
    expect(sent.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('says that the client is refused, without a secret', async () => {
    const refusal = { error: 'invalid_client rt-1 s3cret' };
    const { revoke } = revoking({ [revocationUrl]: () => json(refusal, 401) }, { clientSecret: 's3cret' });
    const error = await rejection(revoke());
    expect(error).toMatchObject({ code: 'refresh-misconfigured' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/rt-1|s3cret/);
  });

  it('says that the endpoint redirects, and follows nowhere', async () => {
    const { revoke, requests } = revoking({
      [revocationUrl]: new Response(null, { status: 307, headers: { location: 'https://evil.test/' } }),
    });
    expect(await rejection(revoke())).toMatchObject({ code: 'refresh-misconfigured' });
    expect(requests.some(({ url }) => url.includes('evil'))).toBe(false);
  });

  it.each([
    ['a refusal', () => json({ error: 'invalid_client' }, 401)],
    ['a busy server', () => new Response(null, { status: 503 })],
    ['a broken connection', new TypeError('fetch failed')],
  ])('leaves nobody signed in for %s', async (_, answer) => {
    const { fetch } = authorizationServer({ [revocationUrl]: answer });
    const session = createSession({ revoke: revocation(provider), fetch });
    await session.signIn({ access_token: 'at', refresh_token: 'rt' });
    await session.signOut();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
  });

  it('takes at most 5 s, discovery included', async () => {
    vi.useFakeTimers();
    const { revoke } = revoking({
      [metadataUrl]: () => new Promise((resolve) => setTimeout(() => resolve(metadata()), 3_000)),
      [revocationUrl]: () => new Promise(() => {}),
    });
    const revoked = rejection(revoke());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await revoked).toMatchObject({ code: 'refresh-unavailable' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops when its signal aborts', async () => {
    const { fetch } = authorizationServer({ [revocationUrl]: () => new Promise(() => {}) });
    const controller = new AbortController();
    const revoked = rejection(revocation(provider)(context(fetch, controller.signal)));
    const reason = new Error('gone');
    controller.abort(reason);
    expect(await revoked).toBe(reason);
  });

  it('revokes the refresh token first, then the access token, each with its hint', async () => {
    const { revoke, to } = revoking({}, { clientSecret: 's', parameters: { tenant: 't' } });
    await revoke();
    const posted = to(revocationUrl);
    expect(posted.map(({ form }) => Object.fromEntries(form))).toEqual([
      { token: 'rt-1', token_type_hint: 'refresh_token' },
      { token: 'at-0', token_type_hint: 'access_token' },
    ]);
    for (const { method, headers, init } of posted) {
      expect([method, typeof init.body, init.redirect]).toEqual(['POST', 'string', 'manual']);
      expect(headers.get('authorization')).toMatch(/^Basic /);
    }
  });

  it('revokes the access token where there is no refresh token', async () => {
    const { fetch, to } = authorizationServer();
    await revocation(provider)({ ...context(fetch), held: { accessToken: 'at-0' } });
    expect(to(revocationUrl).map(({ form }) => form.get('token'))).toEqual(['at-0']);
  });
});
