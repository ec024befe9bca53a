import type { IncomingMessage, ServerResponse } from 'node:http';
import { generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthClient, createSession } from '../../src/index.js';
import { jwtBearerGrant, refreshTokenGrant, tokenExchangeGrant } from '../../src/oauth/index.js';
import { listen } from '../support/oidc/loopback.ts';
import { rejection } from './authorization-server.js';

const grants = {
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  bearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  refresh: 'refresh_token',
};
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';
const issuerOfAssertions = 'https://issuer.example.com';

type Refusal = [error: string, status?: number];
type Grant = Record<string, unknown>;

/** An authorization server and an API by the letter of RFC 6749, 7523 and 8693: what is not as it must be is refused. */
async function startServer() {
  const { server, origin, stop } = await listen();
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const live = new Set<string>(['subject-1']);
  const seen = new Set<string>();
  const counts = { token: 0, refused: 0, api: 0 };
  let minted = 0;
  const mint = (): string => {
    const token = `token-${++minted}`;
    live.add(token);
    return token;
  };

  async function granted(form: URLSearchParams): Promise<Grant | Refusal> {
    const names = [...form.keys()];
    if (names.length !== new Set(names).size) return ['invalid_request'];
    if (form.get('client_id') !== 'app') return ['invalid_client', 401];
    switch (form.get('grant_type')) {
      case grants.refresh:
        return { access_token: mint(), token_type: 'Bearer', expires_in: 60 };
      case grants.exchange:
        if (form.get('subject_token_type') !== accessToken || form.has('actor_token_type'))
          return ['invalid_request'];
        if (form.get('audience') !== 'orders') return ['invalid_target'];
        if (!live.has(form.get('subject_token') ?? '')) return ['invalid_request'];
        return { access_token: mint(), issued_token_type: accessToken, token_type: 'Bearer', expires_in: 60 };
      case grants.bearer:
        try {
          const expected = {
            issuer: issuerOfAssertions,
            audience: origin,
            requiredClaims: ['sub', 'exp', 'jti'],
          };
          const { payload } = await jwtVerify(form.get('assertion') ?? '', publicKey, expected);
          if (seen.has(payload.jti ?? '')) return ['invalid_grant'];
          seen.add(payload.jti ?? '');
          return { access_token: mint(), token_type: 'Bearer', expires_in: 60 };
        } catch {
          return ['invalid_grant'];
        }
      default:
        return ['unsupported_grant_type'];
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const say = (status: number, body: object, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.url === '/.well-known/oauth-authorization-server') {
      say(200, { issuer: origin, token_endpoint: `${origin}/token` });
    } else if (request.url === '/token') {
      counts.token++;
      const form = /^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? '');
      const result = form
        ? await granted(new URLSearchParams(body))
        : (['invalid_request'] satisfies Refusal);
      if (!Array.isArray(result)) return void say(200, result);
      counts.refused++;
      say(result[1] ?? 400, { error: result[0] });
    } else {
      counts.api++;
      const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      if (live.has(token)) return void say(200, { token });
      say(401, {}, { 'www-authenticate': 'Bearer error="invalid_token"' });
    }
  }

  server.on('request', (request, response) => void answer(request, response));
  return { origin, stop, live, counts, privateKey };
}

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe('tokenExchangeGrant at a server by the RFC', () => {
  async function signedIn(audience = 'orders') {
    const idp = { issuer: server.origin, clientId: 'app' };
    const subject = createSession({ refresh: refreshTokenGrant(idp) });
    await subject.signIn({ access_token: 'subject-1', refresh_token: 'r', expires_in: 60 });
    const session = createSession({ acquire: tokenExchangeGrant({ ...idp, audience }, subject) });
    const before = { ...server.counts };
    const since = () => ({
      token: server.counts.token - before.token,
      refused: server.counts.refused - before.refused,
      api: server.counts.api - before.api,
    });
    return { session, since, api: createAuthClient({ baseUrl: `${server.origin}/`, auth: session }) };
  }

  it('exchanges once for all who call, and again for a refused token', async () => {
    const { api, since } = await signedIn();
    await Promise.all([api.get('a'), api.get('b'), api.get('c')]);
    expect(since()).toEqual({ token: 1, refused: 0, api: 3 });
    for (const token of server.live) if (token !== 'subject-1') server.live.delete(token);
    await api.get('d');
    expect(since()).toEqual({ token: 2, refused: 0, api: 5 });
  });

  it('gets over a subject token that has ended: one refresh, one more exchange', async () => {
    const { api, since } = await signedIn();
    server.live.delete('subject-1');
    await api.get('a');
    server.live.add('subject-1');
    expect(since()).toEqual({ token: 3, refused: 1, api: 1 });
  });

  it('is misconfigured with an audience that the server does not serve', async () => {
    const { session, since } = await signedIn('nobody');
    expect(await rejection(session.token())).toMatchObject({
      code: 'refresh-misconfigured',
      error: 'invalid_target',
    });
    expect(since()).toEqual({ token: 1, refused: 1, api: 0 });
  });
});

describe('jwtBearerGrant at a server by the RFC', () => {
  const sign = (claims: object = {}) =>
    new SignJWT({ jti: crypto.randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(issuerOfAssertions)
      .setSubject('service')
      .setAudience(server.origin)
      .setExpirationTime('1m')
      .sign(server.privateKey);

  it('signs an assertion for every request, also after a refusal', async () => {
    const acquire = jwtBearerGrant({ issuer: server.origin, clientId: 'app' }, () => sign());
    const session = createSession({ acquire });
    const api = createAuthClient({ baseUrl: `${server.origin}/`, auth: session });
    const before = { ...server.counts };
    await Promise.all([api.get('a'), api.get('b')]);
    server.live.delete((await session.token()).accessToken);
    await api.get('c');
    expect([server.counts.token - before.token, server.counts.refused - before.refused]).toEqual([2, 0]);
  });

  it('says invalid_grant to an assertion that is sent twice', async () => {
    const same = await sign();
    const acquire = jwtBearerGrant({ issuer: server.origin, clientId: 'app' }, async () => same);
    const context = { fetch, signal: new AbortController().signal };
    expect(await acquire(context)).toMatchObject({ token_type: 'Bearer' });
    expect(await rejection(acquire(context))).toMatchObject({
      code: 'refresh-rejected',
      error: 'invalid_grant',
    });
  });
});
