import { inspect } from 'node:util';
import { HTTPError, isHTTPError, isKyError } from 'ky';
import { describe, expect, it } from 'vitest';
import {
  ForbiddenError,
  isForbiddenError,
  isUnauthorizedError,
  UnauthorizedError,
} from '../../src/client/errors.js';
import { createAuthClient } from '../../src/client.js';
import { isAuthError, isSignInRequired } from '../../src/errors.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { refusal, stub, tokens } from './support.js';

const baseUrl = 'https://api.example.com/';
const thrown = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('UnauthorizedError', () => {
  it('is what a call throws whose refusal could not be answered, and says why', async () => {
    const { fetch, calls } = stub();
    const api = createAuthClient({ baseUrl, auth: tokens('other'), fetch });
    const error = await thrown(api.get('me').json());
    expect(error).toBeInstanceOf(UnauthorizedError);
    expect(error).toMatchObject({
      code: 'unauthorized',
      reason: 'refused-again',
      sendings: calls.length,
      challenges: [{ scheme: 'bearer', params: { error: 'invalid_token' } }],
    });
  });
  it('passes the guards of ky and of latchkey', async () => {
    const api = createAuthClient({ baseUrl, auth: tokens(), fetch: stub().fetch });
    const error = await thrown(api.get('me'));
    expect(error).toBeInstanceOf(HTTPError);
    expect((error as Error).name).toBe('HTTPError');
    expect([isHTTPError(error), isKyError(error), isAuthError(error), isUnauthorizedError(error)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([isForbiddenError(error), isSignInRequired(error)]).toEqual([false, true]);
  });
  it('keeps what ky read of the answer, its response and its request', async () => {
    const api = createAuthClient({ baseUrl, auth: tokens(), fetch: stub().fetch });
    const error = (await thrown(api.get('me'))) as UnauthorizedError;
    expect(error.data).toEqual({ why: 'no' });
    expect(error.response.status).toBe(401);
    expect(error.request.url).toBe('https://api.example.com/me');
    expect(error.message).toContain('(session-ended)');
  });
  it('holds no token, also not on the request that ky keeps', async () => {
    for (const retry of [0, 2]) {
      const api = createAuthClient({ baseUrl, auth: tokens('secret-2'), fetch: stub().fetch, retry });
      const error = (await thrown(api.post('me', { json: {} }))) as UnauthorizedError;
      expect(error.request.headers.get('authorization')).toBeNull();
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/secret-2|stale/);
    }
  });
  it('is thrown for a 200 that isUnauthorized recognized and that stays refused', async () => {
    const { fetch } = stub(() => Response.json({ errors: ['UNAUTHENTICATED'] }));
    const api = createAuthClient({
      baseUrl,
      auth: tokens('other'),
      fetch,
      isUnauthorized: async (response, peek) => response.ok && (await peek.json())?.errors !== undefined,
    });
    const error = await thrown(api.post('graphql', { json: {} }).json());
    expect(isUnauthorizedError(error) && error.reason).toBe('refused-again');
    expect((error as UnauthorizedError).data).toEqual({ errors: ['UNAUTHENTICATED'] });
  });
  it('is not made of a 401 that the corridor had nothing to do with', async () => {
    const api = createAuthClient({ baseUrl, auth: tokens('fresh'), fetch: stub().fetch });
    const error = await thrown(api.post('login', { context: { auth: false } }));
    expect(isHTTPError(error)).toBe(true);
    expect(isUnauthorizedError(error)).toBe(false);
  });
  it('is not made of other errors of the server', async () => {
    const api = createAuthClient({
      baseUrl,
      auth: tokens(),
      fetch: stub(() => new Response('no', { status: 404 })).fetch,
    });
    expect(isAuthError(await thrown(api.get('me')))).toBe(false);
  });
  it('survives an afterResponse hook that returns its copy of the response', async () => {
    const api = createAuthClient({
      baseUrl,
      auth: tokens(),
      fetch: stub().fetch,
      hooks: { afterResponse: [({ response }) => response] },
    });
    expect(isUnauthorizedError(await thrown(api.get('me')))).toBe(true);
  });
  it('does not speak for another response that an afterResponse hook put in its place', async () => {
    const api = createAuthClient({
      baseUrl,
      auth: tokens(),
      fetch: stub().fetch,
      hooks: { afterResponse: [() => new Response('', { status: 500 })] },
      retry: 0,
    });
    const error = await thrown(api.get('me'));
    expect(isHTTPError(error)).toBe(true);
    expect(isAuthError(error)).toBe(false);
  });
  it('is what the beforeError hooks of the user see, in their order', async () => {
    const seen: string[] = [];
    const api = createAuthClient({
      baseUrl,
      auth: tokens(),
      fetch: stub().fetch,
      hooks: {
        beforeError: [
          ({ error }) => {
            seen.push(`1 ${isUnauthorizedError(error)}`);
            return error;
          },
        ],
      },
    }).extend({
      hooks: {
        beforeError: [
          ({ error }) => {
            seen.push(`2 ${isUnauthorizedError(error)}`);
            return new Error('mine', { cause: error });
          },
        ],
      },
    });
    expect(((await thrown(api.get('me'))) as Error).message).toBe('mine');
    expect(seen).toEqual(['1 true', '2 true']);
  });
  it('gives way to the response where throwHttpErrors is false', async () => {
    const api = createAuthClient({ baseUrl, auth: tokens(), fetch: stub().fetch, throwHttpErrors: false });
    const response = await api.get('me');
    expect(response.status).toBe(401);
    expect(outcomeOf(response)?.reason).toBe('session-ended');
    expect(await response.json()).toEqual({ why: 'no' });
  });
});

describe('ForbiddenError', () => {
  const challenge = 'Bearer error="insufficient_scope", scope="orders:write admin"';
  const forbidden = () => new Response('no', { status: 403, headers: { 'WWW-Authenticate': challenge } });

  it('says what a challenged 403 asks for, and nothing was refreshed', async () => {
    const auth = tokens('fresh');
    const api = createAuthClient({ baseUrl, auth, fetch: stub(forbidden).fetch });
    const error = await thrown(api.get('me'));
    expect(error).toBeInstanceOf(ForbiddenError);
    expect(isForbiddenError(error) && isHTTPError(error) && isAuthError(error)).toBe(true);
    expect(error).toMatchObject({
      code: 'forbidden',
      reason: 'insufficient-scope',
      need: { type: 'scope', scope: ['orders:write', 'admin'] },
      signInRequired: false,
      sendings: 1,
      data: 'no',
    });
    expect(auth.replacements()).toBe(0);
  });
  it('is also what a 401 with insufficient_scope becomes: its reason is none of a 401', async () => {
    const api = createAuthClient({
      baseUrl,
      auth: tokens('fresh'),
      fetch: stub(() => refusal(challenge)).fetch,
    });
    const error = await thrown(api.get('me'));
    expect(isForbiddenError(error) && error.response.status).toBe(401);
  });
  it('is not made of a 403 without such a challenge', async () => {
    const api = createAuthClient({
      baseUrl,
      auth: tokens('fresh'),
      fetch: stub(() => new Response('no', { status: 403 })).fetch,
    });
    const error = await thrown(api.get('me'));
    expect(isHTTPError(error)).toBe(true);
    expect(isAuthError(error)).toBe(false);
  });
});
