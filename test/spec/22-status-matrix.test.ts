import { describe, expect, it } from 'vitest';
import { basic, bearer, createAuthFetch, defineScheme, outcomeOf, type Scheme } from '../../src/fetch.js';
import { API, challenged, refused, resource, rotating, signedIn } from '../support/spec-resource.js';

interface Seen {
  readonly sendings: number;
  readonly refreshes: number;
  readonly reason: string | undefined;
}
type Case = readonly [name: string, status: number, fields: Record<string, string>, seen: Seen];

const inBearer = (data: string) => ({ 'www-authenticate': `Bearer ${data}`.trim() });
const dpop = (error: string) => ({
  'www-authenticate': `DPoP error="${error}", algs="ES256"`,
  'dpop-nonce': 'n-1',
});

/** Replayed once with a new token, refused again, handed back. */
const replacedOnce: Seen = { sendings: 2, refreshes: 1, reason: 'refused-again' };
/** A refusal that nothing configured can answer. */
const unanswerable: Seen = { sendings: 1, refreshes: 0, reason: 'not-answerable' };
/** None of latchkey's business. */
const untouched: Seen = { sendings: 1, refreshes: 0, reason: undefined };
const needs = (reason: string): Seen => ({ sendings: 1, refreshes: 0, reason });

const registry = inBearer('realm="https://auth.example/token",service="r",scope="repository:x:pull"');

const cases: readonly Case[] = [
  ['Bearer without an error, a token sent', 401, inBearer(''), replacedOnce],
  ['Bearer invalid_token', 401, inBearer('error="invalid_token"'), replacedOnce],
  [
    'Bearer invalid_token among schemes nobody knows',
    401,
    inBearer('error="invalid_token", Odd x=y'),
    replacedOnce,
  ],
  ['a field that cannot be read', 401, { 'www-authenticate': '"=,;' }, replacedOnce],
  ['no field', 401, {}, replacedOnce],
  ['the token server of a registry', 401, registry, replacedOnce],
  [
    'insufficient_user_authentication',
    401,
    inBearer('error="insufficient_user_authentication", acr_values="mfa"'),
    needs('insufficient-authentication'),
  ],
  ['insufficient_scope on 401', 401, inBearer('error="insufficient_scope"'), needs('insufficient-scope')],
  ['claims', 401, inBearer('error="invalid_token", claims="eyJ9"'), needs('insufficient-claims')],
  ['a DPoP nonce', 401, dpop('use_dpop_nonce'), unanswerable],
  ['a DPoP proof', 401, dpop('invalid_dpop_proof'), unanswerable],
  ['a stale Digest', 401, { 'www-authenticate': 'Digest realm="r", nonce="n", stale=true' }, unanswerable],
  ['Basic only', 401, { 'www-authenticate': 'Basic realm="r"' }, unanswerable],
  ['insufficient_scope on 403', 403, inBearer('error="insufficient_scope"'), needs('insufficient-scope')],
  ['invalid_token on 403', 403, inBearer('error="invalid_token"'), untouched],
  ['403 without a field', 403, {}, untouched],
  ['Bearer invalid_request', 400, inBearer('error="invalid_request"'), untouched],
  ['a DPoP nonce on 400', 400, dpop('use_dpop_nonce'), untouched],
  ['a proxy that asks', 407, { 'proxy-authenticate': 'Basic realm="proxy"' }, untouched],
  ['a proxy with the field of a server', 407, inBearer('error="invalid_token"'), untouched],
  ['404 with a challenge', 404, inBearer('error="invalid_token"'), untouched],
  ['419', 419, {}, untouched],
  ['440', 440, inBearer('error="invalid_token"'), untouched],
  ['498', 498, {}, untouched],
  ['200 with a challenge', 200, inBearer('error="invalid_token"'), untouched],
  ['429 with a challenge', 429, { ...inBearer(''), 'retry-after': '1' }, untouched],
  ['500 with a challenge', 500, inBearer('error="invalid_token"'), untouched],
  ['503 with a challenge', 503, inBearer('error="invalid_token"'), untouched],
];

/** A second scheme, for challenges that never come. */
const other: Scheme = {
  name: 'other',
  credentials: () => ({ headers: { Authorization: 'Other x' } }),
  remedy: (challenge) => (challenge?.scheme === 'other' ? 'answer' : undefined),
};

describe.each([
  ['GET', 'a session', []],
  ['POST', 'a session', []],
  ['GET', 'a session and another scheme', [other]],
  ['POST', 'a session and another scheme', [other]],
])('createAuthFetch: what a status may trigger (%s, %s)', (method, _auth, others) => {
  it.each(cases)('%s', async (_name, status, fields, seen) => {
    const tokens = rotating();
    await tokens.ready;
    const below = resource(() => refused(fields, 'the body', status));
    const auth = [tokens.session, ...others];
    const authFetch = createAuthFetch({ baseUrl: API, auth, fetch: below.fetch });
    const response = await authFetch('/x', { method, ...(method === 'POST' ? { body: 'sent' } : {}) });
    expect({
      sendings: below.sent.length,
      refreshes: tokens.refreshes,
      reason: outcomeOf(response)?.reason,
    }).toEqual(seen);
    expect([response.status, await response.text()]).toEqual([status, 'the body']);
    for (const [name, value] of Object.entries(fields)) expect(response.headers.get(name)).toBe(value);
    // nothing else was asked, and the proxy got nothing
    expect(new Set(below.sent.map(({ url }) => url))).toEqual(new Set([`${API}/x`]));
    expect(below.sent.map(({ headers }) => headers.get('proxy-authorization'))).toEqual(
      below.sent.map(() => null),
    );
    expect(new Set(below.sent.map(({ body }) => body))).toEqual(new Set([method === 'POST' ? 'sent' : '']));
  });
});

describe('createAuthFetch: what a 401 leads to where the server takes the new token', () => {
  it.each(cases.filter(([, , , seen]) => seen === replacedOnce))(
    'one refresh and one replay: %s',
    async (_name, status, fields) => {
      const { below, tokens, authFetch } = await signedIn(({ headers }) =>
        headers.get('authorization') === 'Bearer at-2' ? new Response('ok') : refused(fields, '', status),
      );
      expect(await (await authFetch('/x')).text()).toBe('ok');
      expect(below.authorizations).toEqual(['Bearer at-1', 'Bearer at-2']);
      expect(tokens.refreshes).toBe(1);
    },
  );

  it('attaches a token where none was sent, once', async () => {
    const asked: (string | undefined)[] = [];
    const auth = bearer(async ({ challenge, refused: before }) => {
      asked.push(before);
      return challenge && 'late';
    });
    const below = resource(({ headers }) =>
      headers.has('authorization') ? new Response('ok') : challenged('Bearer realm="r"'),
    );
    const authFetch = createAuthFetch({ baseUrl: API, auth, fetch: below.fetch });
    expect(await (await authFetch('/x')).text()).toBe('ok');
    expect(below.authorizations).toEqual([null, 'Bearer late']);
    // it was asked for a token, never for another one
    expect(asked).toEqual([undefined, undefined]);
  });

  it('attaches nothing to a call that began before somebody signed in', async () => {
    const tokens = rotating(false);
    await tokens.ready;
    const below = resource(async () => {
      await tokens.session.signIn({ access_token: 'at-1', refresh_token: 'rt-1' });
      return challenged('Bearer');
    });
    const authFetch = createAuthFetch({ baseUrl: API, auth: tokens.session, fetch: below.fetch });
    expect(outcomeOf(await authFetch('/x'))).toMatchObject({ reason: 'signed-out', sendings: 1 });
    expect(below.authorizations).toEqual([null]);
  });
});

describe('createAuthFetch: private statuses', () => {
  it.each([419, 440, 498, 403, 200])('%i refuses where it is configured to', async (status) => {
    const { below, tokens, authFetch } = await signedIn(() => refused({}, 'the body', status), {
      isUnauthorized: (response) => response.status === status,
    });
    const response = await authFetch('/x');
    expect(outcomeOf(response)?.reason).toBe('refused-again');
    expect([below.sent.length, tokens.refreshes, await response.text()]).toEqual([2, 1, 'the body']);
  });
});

describe('createAuthFetch: the bound of a call', () => {
  it('hands Basic back after the same credentials, sent once', async () => {
    const below = resource(() => challenged('Basic realm="r"'));
    const auth = basic({ username: 'u', password: 'wrong' });
    const authFetch = createAuthFetch({ baseUrl: API, auth, fetch: below.fetch });
    expect(outcomeOf(await authFetch('/x'))).toMatchObject({ sendings: 1 });
    expect(below.sent).toHaveLength(1);
  });

  it('hands Basic back after the same credentials from a provider, sent once', async () => {
    const below = resource(() => challenged('Basic realm="r"'));
    const auth = basic(async () => ({ username: 'u', password: 'wrong' }));
    const authFetch = createAuthFetch({ baseUrl: API, auth, fetch: below.fetch });
    expect(outcomeOf(await authFetch('/x'))).toMatchObject({ reason: 'refused-again', sendings: 2 });
    expect(below.authorizations.map((sent) => sent !== null)).toEqual([false, true]);
  });

  it('holds for a server that changes its challenge for ever', async () => {
    const always = defineScheme({
      name: 'nonce',
      credentials: (_target, challenge) =>
        challenge && { headers: { Authorization: `Nonce ${challenge.params['n']}` }, version: challenge },
      remedy: () => 'answer',
    });
    const below = resource((_sent, n) => challenged(`Nonce n=${n}`));
    const authFetch = createAuthFetch({ baseUrl: API, auth: always, fetch: below.fetch });
    expect(outcomeOf(await authFetch('/x'))).toMatchObject({ reason: 'refused-again', sendings: 3 });
    expect(below.authorizations).toEqual([null, 'Nonce 1', 'Nonce 2']);
  });
});
