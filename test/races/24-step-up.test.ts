import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RefreshUnavailableError } from '../../src/errors.js';
import type { SessionEvent } from '../../src/events.js';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import type { StepUpNeed } from '../../src/protocol/step-up.js';
import type { Renewed, StepUp } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { idle, rotation, stateOf } from '../support/races-watch.js';
import { web } from '../support/races-web.js';

const here = 'https://api.example.com/';
const more = { access_token: 'more-at', refresh_token: 'more-rt' };
const challenge = (of: string) => ({ headers: { 'www-authenticate': `Bearer ${of}` } });
const lacksScope = (scope = 'write') => challenge(`error="insufficient_scope", scope="${scope}"`);
const jwt = (claims: object) => `${btoa('{}')}.${btoa(JSON.stringify(claims))}.x`.replace(/=/g, '');

/** An API that wants more than the first token can do; `asks` says what. */
function setup(
  options: {
    asks?: (path: string) => ResponseInit;
    record?: Partial<SessionRecord>;
    stepUp?: StepUp;
    status?: number;
    accepts?: (token: string, path: string) => boolean;
    /** The refusal of /late comes then. */
    late?: Promise<void>;
  } = {},
) {
  const { asks = () => lacksScope(), status = 403 } = options;
  const accepts = options.accepts ?? ((token) => token.startsWith('more'));
  const { fetch, sendings } = web(async ({ url, headers }) => {
    const path = new URL(url).pathname;
    const token = headers.get('authorization')?.slice(7) ?? '';
    if (path === '/late' && token === 'at-1') await options.late;
    return accepts(token, path) ? new Response('done') : new Response('why', { ...asks(path), status });
  });
  const place = shared(
    recordOf({ tokens: { accessToken: 'at-1', refreshToken: 'rt-1', scope: 'read' }, ...options.record }),
  );
  const store = place.handle();
  const answers: ReturnType<typeof deferred<Renewed>>[] = [];
  const contexts: Parameters<StepUp>[1][] = [];
  const needs: StepUpNeed[] = [];
  const stepUp = vi.fn<StepUp>(async (need, context) => {
    needs.push(need);
    contexts.push(context);
    if (options.stepUp) return options.stepUp(need, context);
    const answer = deferred<Renewed>();
    answers.push(answer);
    return answer.promise;
  });
  const events: SessionEvent[] = [];
  const refresh = rotation();
  const revoke = vi.fn(async () => {});
  const session = createSession({ refresh, stepUp, revoke, store, observe: (event) => events.push(event) });
  const authFetch = createAuthFetch({ baseUrl: here, auth: session, fetch });
  return {
    session,
    authFetch,
    sendings,
    place,
    store,
    stepUp,
    needs,
    contexts,
    answers,
    events,
    refresh,
    revoke,
  };
}

let lost: unknown[] = [];
const note = (reason: unknown) => lost.push(reason);
beforeEach(() => {
  lost = [];
  process.on('unhandledRejection', note);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  vi.useRealTimers();
  expect(lost).toEqual([]);
});

describe('createSession: stepUp that brings nothing', () => {
  it.each([
    ['null', async () => null],
    ['a 403 of its endpoint', async () => new Response(null, { status: 403 })],
    ['invalid_grant', async () => Response.json({ error: 'invalid_grant' }, { status: 400 })],
  ])('delivers the refusal and keeps the session: %s', async (_, stepUp) => {
    const { authFetch, sendings, session, place, refresh } = setup({ stepUp });
    const response = await authFetch('/a');
    expect(response.status).toBe(403);
    expect(await response.text()).toBe('why');
    expect(outcomeOf(response)).toMatchObject({ reason: 'insufficient-scope', sendings: 1 });
    expect(sendings).toHaveLength(1);
    expect(session.getSnapshot().status).toBe('signed-in');
    expect(place.record?.tokens?.refreshToken).toBe('rt-1');
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it.each([
    ['a lost connection', () => Promise.reject(new TypeError('fetch failed')), 'refresh-unavailable'],
    ['a 503', async () => new Response(null, { status: 503 }), 'refresh-unavailable'],
    ['a bug', () => Promise.reject(new Error('rt-1')), 'refresh-unavailable'],
    ['garbage', async () => ({ nothing: 1 }) as never, 'token-response'],
    [
      'invalid_client',
      async () => Response.json({ error: 'invalid_client' }, { status: 401 }),
      'refresh-misconfigured',
    ],
  ])('throws its typed error once and tells it: %s', async (_, stepUp, code) => {
    const { authFetch, events, session } = setup({ stepUp: stepUp as StepUp });
    const error = await authFetch('/a').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String((error as Error).stack) + JSON.stringify(error)).not.toContain('rt-1');
    expect(events.filter(({ type }) => type === 'refresh-failed')).toHaveLength(1);
    expect(session.getSnapshot().status).toBe('signed-in');
  });

  it('is asked for the same again only after a minute', async () => {
    const { authFetch, stepUp } = setup({ stepUp: async () => null });
    await authFetch('/a');
    await authFetch('/a?page=2');
    expect(stepUp).toHaveBeenCalledTimes(1);
    await authFetch('/b');
    expect(stepUp).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(60_000);
    await authFetch('/a');
    expect(stepUp).toHaveBeenCalledTimes(3);
  });

  it('is asked five times a minute, whatever claims the server invents', async () => {
    let n = 0;
    const asks = () => challenge(`error="insufficient_claims", claims="${btoa(`{"n":${n++}}`)}"`);
    const { authFetch, stepUp } = setup({ asks, status: 401, stepUp: async () => null });
    for (let i = 0; i < 20; i++) expect((await authFetch('/a')).status).toBe(401);
    expect(stepUp).toHaveBeenCalledTimes(5);
  });

  it('is not asked for claims that nobody can read', async () => {
    const { authFetch, stepUp, refresh } = setup({ asks: () => challenge('claims="%7B"'), status: 401 });
    expect(outcomeOf(await authFetch('/a'))?.reason).toBe('insufficient-claims');
    expect(stepUp).toHaveBeenCalledTimes(0);
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it('is not asked for an origin that may see no credentials', async () => {
    const { authFetch, stepUp } = setup();
    const response = await authFetch('https://elsewhere.example.com/a');
    expect(response.status).toBe(403);
    expect(stepUp).toHaveBeenCalledTimes(0);
  });

  it('frees a caller who aborts, and goes on for the others', async () => {
    const { authFetch, answers } = setup();
    const abort = new AbortController();
    const aborted = stateOf(authFetch('/a', { signal: abort.signal }));
    const other = stateOf(authFetch('/a'));
    await idle();
    abort.abort(new Error('enough'));
    await idle();
    expect(aborted).toMatchObject({ is: 'rejected', error: new Error('enough') });
    answers[0]?.resolve(more);
    await idle();
    expect(other.value?.status).toBe(200);
  });

  it('is not asked where what it brings could not be kept, nor without `stepUp`', async () => {
    const { store, authFetch, stepUp } = setup();
    store.readOnly = true;
    expect(outcomeOf(await authFetch('/a'))?.reason).toBe('insufficient-scope');
    expect(stepUp).toHaveBeenCalledTimes(0);
  });

  it('is given up after ten minutes', async () => {
    const { authFetch, contexts } = setup();
    const call = stateOf(authFetch('/a'));
    await vi.advanceTimersByTimeAsync(599_999);
    expect(call.is).toBe('pending');
    await vi.advanceTimersByTimeAsync(1);
    expect(call).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
    expect(contexts[0]?.signal.aborted).toBe(true);
  });

  it('must be a function', () => {
    expect(() => createSession({ stepUp: 'x' as never })).toThrow(
      new TypeError('createSession: stepUp must be a function'),
    );
  });
});

describe('createSession: stepUp', () => {
  it('is told what was granted and what is asked for, and its tokens replay the request once', async () => {
    const { authFetch, sendings, needs, contexts, place, refresh, session } = setup({
      stepUp: async () => more,
    });
    const response = await authFetch('/a?b', { method: 'POST', body: 'x' });
    expect(response.status).toBe(200);
    expect(sendings.map(({ headers, body }) => [headers.get('authorization'), body])).toEqual([
      ['Bearer at-1', 'x'],
      ['Bearer more-at', 'x'],
    ]);
    expect(needs).toMatchObject([{ type: 'scope', scope: ['read', 'write'] }]);
    expect(contexts[0]).toMatchObject({ url: `${here}a?b`, held: { accessToken: 'at-1' } });
    expect(place.record).toMatchObject({
      id: 'anna',
      generation: 2,
      tokens: { accessToken: 'more-at', refreshToken: 'more-rt', scope: 'read write' },
    });
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-in', scope: 'read write' });
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it.each([
    [
      'error="insufficient_user_authentication", acr_values="mfa hw", max_age="5"',
      { type: 'authentication', acrValues: ['mfa', 'hw'], maxAge: 5 },
    ],
    ['error="insufficient_claims", claims="eyJhIjoxfQ=="', { type: 'claims', claims: '{"a":1}' }],
    ['error="insufficient_scope"', { type: 'scope', scope: ['read'] }],
  ])('tells the needs apart, on a 401 as on a 403: %s', async (of, need) => {
    for (const status of [401, 403]) {
      const { authFetch, needs, refresh } = setup({
        asks: () => challenge(of),
        status,
        stepUp: async () => more,
      });
      expect((await authFetch('/a')).status).toBe(200);
      expect(needs).toMatchObject([need]);
      expect(refresh).toHaveBeenCalledTimes(0);
    }
  });

  it('ends where what it brought is refused again: once a call, and the same scope twice is the end', async () => {
    const { authFetch, stepUp, sendings } = setup({ stepUp: async () => more, accepts: () => false });
    const response = await authFetch('/a');
    expect(outcomeOf(response)).toMatchObject({ reason: 'insufficient-scope', sendings: 2 });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(outcomeOf(await authFetch('/b'))).toMatchObject({ reason: 'insufficient-scope', sendings: 1 });
    expect(stepUp).toHaveBeenCalledTimes(1);
    expect(sendings).toHaveLength(3);
  });

  it('looks into no token: the challenge alone says what is needed', async () => {
    const accessToken = jwt({ acr: 'mfa', scope: 'write', exp: 1 });
    const { authFetch, stepUp } = setup({
      asks: () => challenge('error="insufficient_user_authentication", acr_values="mfa"'),
      record: { tokens: { accessToken, refreshToken: 'rt-1' } },
      stepUp: async () => more,
    });
    expect((await authFetch('/a')).status).toBe(200);
    expect(stepUp).toHaveBeenCalledTimes(1);
  });

  it('may post the refresh token with the claims: its turn is kept for five seconds', async () => {
    const { session, authFetch, answers, needs, contexts, place, refresh } = setup({
      asks: () => challenge('error="insufficient_claims", claims="eyJhIjoxfQ"'),
      status: 401,
    });
    const call = stateOf(authFetch('/a'));
    await idle();
    expect(needs).toMatchObject([{ claims: '{"a":1}' }]);
    expect(contexts[0]?.held.refreshToken).toBe('rt-1');
    const renewed = stateOf(session.refresh());
    await vi.advanceTimersByTimeAsync(4_000);
    expect(refresh).toHaveBeenCalledTimes(0);
    answers[0]?.resolve(more);
    await idle();
    expect(call.value?.status).toBe(200);
    expect(renewed.is).toBe('resolved');
    expect(refresh.mock.calls.map(([{ held }]) => held?.refreshToken)).not.toContain('rt-1');
    expect(place.record?.tokens?.refreshToken).not.toBe('rt-1');
  });

  it('runs once for everybody who needs the same', async () => {
    const { authFetch, stepUp, answers, sendings } = setup();
    const calls = Array.from({ length: 50 }, (_, i) => stateOf(authFetch(`/${i}`)));
    await idle();
    answers[0]?.resolve(more);
    await idle();
    expect(calls.every(({ value }) => value?.status === 200)).toBe(true);
    expect(stepUp).toHaveBeenCalledTimes(1);
    expect(sendings).toHaveLength(100);
  });

  it('runs one after the other for different needs, and not for what the first brought', async () => {
    const asks = (path: string) => lacksScope(path.slice(1));
    const accepts = (token: string, path: string) =>
      token === 'both' || (token === 'more-at' && path === '/write');
    const { authFetch, stepUp, answers, needs } = setup({ asks, accepts });
    const first = stateOf(authFetch('/write'));
    await idle();
    const second = stateOf(authFetch('/admin'));
    const third = stateOf(authFetch('/delete'));
    await idle();
    expect(stepUp).toHaveBeenCalledTimes(1);
    answers[0]?.resolve(more);
    await idle();
    expect(first.value?.status).toBe(200);
    expect(needs[1]).toMatchObject({ scope: ['read', 'write', 'admin'] });
    answers[1]?.resolve({ access_token: 'both', scope: 'read write admin delete' });
    await idle();
    expect([second.value?.status, third.value?.status]).toEqual([200, 200]);
    expect(stepUp).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['scope', lacksScope()],
    ['authentication', challenge('error="insufficient_user_authentication", acr_values="mfa"')],
  ])('answers a late refusal of the old token with what it brought meanwhile: %s', async (_, asks) => {
    const gate = deferred<void>();
    const { authFetch, stepUp, answers, sendings } = setup({
      asks: () => asks,
      status: 401,
      late: gate.promise,
    });
    const late = stateOf(authFetch('/late', { method: 'POST', body: 'x' }));
    const first = stateOf(authFetch('/a'));
    await idle();
    answers[0]?.resolve(more);
    await idle();
    expect(first.value?.status).toBe(200);
    expect(late.is).toBe('pending');
    gate.resolve();
    await idle();
    expect(late.value?.status).toBe(200);
    expect(stepUp).toHaveBeenCalledTimes(1);
    expect(sendings).toHaveLength(4);
  });

  it('keeps no other renewal waiting longer than five seconds, and saves over what came meanwhile', async () => {
    const { session, authFetch, answers, place, refresh } = setup();
    const call = stateOf(authFetch('/a'));
    await idle();
    const renewed = stateOf(session.refresh());
    await vi.advanceTimersByTimeAsync(4_999);
    expect(refresh).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(renewed.value?.accessToken).toBe('anna-at-2');
    answers[0]?.resolve({ access_token: 'more-at' });
    await idle();
    expect(call.value?.status).toBe(200);
    expect(place.record).toMatchObject({
      generation: 3,
      tokens: { accessToken: 'more-at', refreshToken: 'anna-rt-2' },
    });
  });

  it('loses no tokens to a store that fails: memory keeps them', async () => {
    const { store, authFetch, answers, events } = setup();
    const call = stateOf(authFetch('/a'));
    await vi.advanceTimersByTimeAsync(5_000);
    store.beforeSave = () => Promise.reject(new Error('disk'));
    store.beforeLoad = () => Promise.reject(new Error('disk'));
    answers[0]?.resolve(more);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(call.value?.status).toBe(200);
    expect(events.some(({ type }) => type === 'save-failed')).toBe(true);
  });

  it('waits for the turn as long as a refresh does', async () => {
    const { store, authFetch, stepUp } = setup();
    void store.turn(() => new Promise(() => {}));
    const call = stateOf(authFetch('/a'));
    await vi.advanceTimersByTimeAsync(8_000);
    expect(call.error).toBeInstanceOf(RefreshUnavailableError);
    expect(stepUp).toHaveBeenCalledTimes(0);
  });

  it('discards and revokes what comes after a sign-out, and replays nothing', async () => {
    const { session, authFetch, answers, contexts, place, revoke, sendings } = setup();
    const call = stateOf(authFetch('/a'));
    await idle();
    await session.signOut({ revoke: false });
    await idle();
    expect(contexts[0]?.signal.aborted).toBe(true);
    expect(outcomeOf(call.value as Response)?.reason).toBe('session-ended');
    answers[0]?.resolve(more);
    await idle();
    expect(revoke).toHaveBeenCalledTimes(1);
    expect(place.record?.ended).toBe('signed-out');
    expect(sendings).toHaveLength(1);
  });

  it('never makes another user of the session', async () => {
    const idToken = jwt({ iss: 'https://id.example.com', sub: 'anna' });
    const other = jwt({ iss: 'https://id.example.com', sub: 'bert' });
    const record = { tokens: { accessToken: 'at-1', refreshToken: 'rt-1', idToken } };
    const { authFetch, place, revoke } = setup({
      record,
      stepUp: async () => ({ ...more, id_token: other }),
    });
    const error = await authFetch('/a').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'token-response', issues: [{ path: ['idToken'] }] });
    expect(place.record?.tokens?.accessToken).toBe('at-1');
    expect(revoke).toHaveBeenCalledTimes(1);
  });

  it('serves token() for a challenge that somebody else met, and never by a plain refresh', async () => {
    const { session, refresh } = setup({ stepUp: async () => more });
    const refused = await session.token();
    const need = { scheme: 'bearer', params: { error: 'insufficient_scope', scope: 'write' } };
    expect((await session.token({ refused, challenge: need })).accessToken).toBe('more-at');
    const without = createSession({ refresh, store: shared(recordOf()).handle() });
    const held = await without.token();
    await expect(without.token({ refused: held, challenge: need })).rejects.toMatchObject({
      code: 'refresh-unavailable',
    });
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it('may be asked in a later sign-in for what the last one was denied', async () => {
    const { session, authFetch, stepUp } = setup({ stepUp: async () => null });
    await authFetch('/a');
    await session.signIn({ accessToken: 'at-9', refreshToken: 'rt-9' });
    await authFetch('/a');
    expect(stepUp).toHaveBeenCalledTimes(2);
  });
});
