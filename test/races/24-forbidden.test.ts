import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { createSession } from '../../src/session/session.js';
import { recordOf, shared } from '../support/races-handle.js';
import { rotation } from '../support/races-watch.js';
import { web } from '../support/races-web.js';

const here = 'https://api.example.com/';
const needs = [
  ['Bearer error="insufficient_scope", scope="admin"', 'insufficient-scope'],
  ['DPoP error="insufficient_scope", scope="admin"', 'insufficient-scope'],
  ['Bearer error="insufficient_user_authentication", acr_values="mfa"', 'insufficient-authentication'],
  ['Bearer error="insufficient_claims", claims="eyJ9"', 'insufficient-claims'],
  ['Bearer claims="eyJ9"', 'insufficient-claims'],
  ['Basic realm="x", Bearer error="insufficient_scope"', 'insufficient-scope'],
] as const;

function setup(status: number, challenge: string | undefined) {
  const { fetch, sendings } = web(
    () => new Response('why', { status, headers: challenge ? { 'www-authenticate': challenge } : {} }),
  );
  const refresh = rotation();
  const session = createSession({ refresh, store: shared(recordOf()).handle() });
  return { sendings, refresh, authFetch: createAuthFetch({ baseUrl: here, auth: session, fetch }) };
}

describe('createAuthFetch: 403', () => {
  it.each([
    undefined,
    'Bearer',
    'Bearer realm="x"',
    'Bearer error="invalid_token"',
    'Basic realm="x"',
    'Negotiate',
    ...needs.map(([challenge]) => challenge),
  ])('never refreshes and is sent once: %s', async (challenge) => {
    const { authFetch, sendings, refresh } = setup(403, challenge);
    const responses = await Promise.all([authFetch('/a'), authFetch('/b', { method: 'POST', body: 'x' })]);
    expect(responses.map(({ status }) => status)).toEqual([403, 403]);
    expect(await responses[0]?.text()).toBe('why');
    expect(sendings).toHaveLength(2);
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it('never refreshes cookies either', async () => {
    const refresh = vi.fn(async () => new Response(null, { status: 204 }));
    const session = createCookieSession({ refresh });
    await session.signIn();
    const { fetch, sendings } = web(
      () =>
        new Response('', { status: 403, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }),
    );
    await createAuthFetch({ baseUrl: here, auth: session, fetch })('/a');
    expect(sendings).toHaveLength(1);
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it.each(needs)('says what it lacks: %s', async (challenge, reason) => {
    const { authFetch } = setup(403, challenge);
    expect(outcomeOf(await authFetch('/a'))).toMatchObject({ reason, signInRequired: false, sendings: 1 });
  });

  it('after a 401 is delivered with the new token, and not answered', async () => {
    const { fetch, sendings } = web(({ headers }) =>
      headers.get('authorization') === 'Bearer anna-at-1'
        ? new Response('', { status: 401 })
        : new Response('', {
            status: 403,
            headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' },
          }),
    );
    const refresh = rotation();
    const session = createSession({ refresh, store: shared(recordOf()).handle() });
    const response = await createAuthFetch({ baseUrl: here, auth: session, fetch })('/a');
    expect(response.status).toBe(403);
    expect(outcomeOf(response)).toMatchObject({ reason: 'insufficient-scope', sendings: 2 });
    expect(sendings).toHaveLength(2);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('counts as an acceptance: a token that may too little is no bad token', async () => {
    let status = 401;
    const { fetch } = web(() => new Response('', { status }));
    const refresh = rotation();
    const session = createSession({ refresh, store: shared(recordOf()).handle() });
    const authFetch = createAuthFetch({ baseUrl: here, auth: session, fetch });
    await authFetch('/a');
    expect(refresh).toHaveBeenCalledTimes(1);
    status = 403;
    await authFetch('/a');
    status = 401;
    await authFetch('/a');
    expect(refresh).toHaveBeenCalledTimes(2);
  });
});

describe('createAuthFetch: a 401 that asks for more than another token', () => {
  it.each(needs)('is delivered and refreshes nothing: %s', async (challenge, reason) => {
    const { authFetch, sendings, refresh } = setup(401, challenge);
    expect(outcomeOf(await authFetch('/a'))).toMatchObject({ reason, signInRequired: false, sendings: 1 });
    expect(sendings).toHaveLength(1);
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it.each(needs.slice(0, -1))('refreshes no cookies either: %s', async (challenge, reason) => {
    const refresh = vi.fn(async () => new Response(null, { status: 204 }));
    const session = createCookieSession({ refresh });
    await session.signIn();
    const { fetch, sendings } = web(
      () => new Response('', { status: 401, headers: { 'www-authenticate': challenge } }),
    );
    const response = await createAuthFetch({ baseUrl: here, auth: session, fetch })('/a');
    expect(outcomeOf(response)?.reason).toBe(reason);
    expect(sendings).toHaveLength(1);
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it('of another scheme means something else there: claims of a Digest refresh nothing and ask for nothing', async () => {
    const { authFetch, refresh } = setup(401, 'Digest realm="x", nonce="n", claims="eyJ9"');
    expect(outcomeOf(await authFetch('/a'))?.reason).toBe('not-answerable');
    expect(refresh).toHaveBeenCalledTimes(0);
  });
});
