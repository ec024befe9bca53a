import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { createSession } from '../../src/session/session.js';
import { type Deferred, deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { idle, rotation, stateOf, tokensOf } from '../support/races-watch.js';

const baseUrl = 'https://api.example.com/';
const T0 = 1_800_000_000_000;
const bob = (revision: number) =>
  recordOf({ id: 'bob', revision, tokens: { accessToken: 'bob-at-1', refreshToken: 'bob-rt-1' } });

beforeEach(() => {
  vi.useFakeTimers({ now: T0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server that answers by hand, and what it was sent. */
function server() {
  const sent: (string | null)[] = [];
  const answers: Deferred<Response>[] = [];
  const fetch = (_: unknown, init?: RequestInit) => {
    sent.push(new Headers(init?.headers).get('authorization'));
    const answer = deferred<Response>();
    answers.push(answer);
    return answer.promise;
  };
  const refuse = (n: number) => answers[n]?.resolve(new Response('', { status: 401 }));
  return { sent, answers, fetch, refuse };
}

describe('createAuthFetch: whose request it is', () => {
  it('replays nobody’s request as the user who has signed in here meanwhile', async () => {
    const { sent, fetch, refuse } = server();
    const refresh = rotation('bob');
    const session = createSession({ refresh, store: shared(recordOf()).handle() });
    const call = stateOf(createAuthFetch({ baseUrl, auth: session, fetch })(`${baseUrl}a`));
    await session.signIn(tokensOf('bob', 1));
    refuse(0);
    await idle();
    expect(call.value?.status).toBe(401);
    expect(outcomeOf(call.value as Response)).toMatchObject({ reason: 'session-ended', sendings: 1 });
    expect(sent).toEqual(['Bearer anna-at-1']);
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it('nor as the user who has signed in elsewhere, whom only the turn finds', async () => {
    const place = shared(recordOf());
    const { sent, fetch, refuse } = server();
    const refresh = rotation('anna');
    const session = createSession({ refresh, store: place.handle() });
    const call = stateOf(createAuthFetch({ baseUrl, auth: session, fetch })(`${baseUrl}a`));
    place.record = bob(2);
    refuse(0);
    await idle();
    expect(outcomeOf(call.value as Response)?.reason).toBe('session-ended');
    expect(sent).toEqual(['Bearer anna-at-1']);
    expect(refresh).toHaveBeenCalledTimes(0);
    expect((await session.token()).accessToken).toBe('bob-at-1');
  });

  it.each(['signs in', 'signs out and in'])('nor while it waits for a refresh and bob %s', async (how) => {
    const { sent, fetch, refuse } = server();
    const answer = deferred<ReturnType<typeof tokensOf>>();
    const session = createSession({ refresh: () => answer.promise, store: shared(recordOf()).handle() });
    const call = stateOf(createAuthFetch({ baseUrl, auth: session, fetch })(`${baseUrl}a`));
    refuse(0);
    await idle();
    expect(call.is).toBe('pending');
    if (how !== 'signs in') await session.signOut();
    await session.signIn(tokensOf('bob', 1));
    answer.resolve(tokensOf('anna', 2));
    await idle();
    expect(call.value?.status).toBe(401);
    expect(sent).toEqual(['Bearer anna-at-1']);
    expect((await session.token()).accessToken).toBe('bob-at-1');
  });

  it('sends nobody’s first request as another user either, where it waits for the hard window', async () => {
    const { sent, fetch } = server();
    const answer = deferred<ReturnType<typeof tokensOf>>();
    const store = shared(recordOf({ mintedAt: T0 - 300_000, expiresAt: T0 - 1 })).handle();
    const session = createSession({ refresh: () => answer.promise, store });
    const call = stateOf(createAuthFetch({ baseUrl, auth: session, fetch })(`${baseUrl}a`));
    await idle();
    await session.signIn(tokensOf('bob', 1));
    answer.resolve(tokensOf('anna', 2));
    await idle();
    expect(call.error).toMatchObject({ code: 'signed-out' });
    expect(sent).toEqual([]);
  });

  it('replays with another generation of the same sign-in, whoever renewed it', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const { sent, fetch, refuse } = server();
    const session = createSession({ refresh: rotation(), store });
    createAuthFetch({ baseUrl, auth: session, fetch })(`${baseUrl}a`);
    const tokens = { accessToken: 'anna-at-7', refreshToken: 'anna-rt-7' };
    place.record = recordOf({ revision: 4, generation: 7, tokens });
    store.tell();
    await idle();
    refuse(0);
    await idle();
    expect(sent).toEqual(['Bearer anna-at-1', 'Bearer anna-at-7']);
  });

  it('never replays what was sent when nobody was signed in', async () => {
    const { sent, fetch, refuse } = server();
    const session = createSession({ refresh: rotation() });
    await session.ready();
    const call = stateOf(createAuthFetch({ baseUrl, auth: session, fetch })(`${baseUrl}a`));
    await session.signIn(tokensOf('bob', 1));
    refuse(0);
    await idle();
    expect(outcomeOf(call.value as Response)?.reason).toBe('signed-out');
    expect(sent).toEqual([null]);
  });

  it('never replays cookies that were somebody else’s', async () => {
    const { answers, fetch, sent, refuse } = server();
    const refresh = vi.fn(async () => new Response(null, { status: 204 }));
    const session = createCookieSession({ refresh });
    await session.signIn();
    const call = stateOf(
      createAuthFetch({ baseUrl, auth: session, fetch })(`${baseUrl}a`, { method: 'POST' }),
    );
    await idle();
    await session.signIn();
    refuse(0);
    await idle();
    expect(answers).toHaveLength(1);
    expect(sent).toHaveLength(1);
    expect(outcomeOf(call.value as Response)?.reason).toBe('session-ended');
    expect(refresh).toHaveBeenCalledTimes(0);
  });
});

describe('session.token: what the first load brings', () => {
  it('counts as the id the call began with', async () => {
    const store = shared(recordOf()).handle();
    const gate = deferred();
    store.beforeLoad = () => gate.promise;
    const session = createSession({ store });
    const calls = [stateOf(session.token()), stateOf(session.token())];
    await idle();
    calls.push(stateOf(session.token()));
    gate.resolve();
    await idle();
    expect(calls.map(({ value }) => value?.accessToken)).toEqual(['anna-at-1', 'anna-at-1', 'anna-at-1']);
  });

  it('counts also where the load before it failed', async () => {
    const place = shared(recordOf());
    const store = place.handle();
    const gate = deferred();
    store.beforeLoad = () => gate.promise;
    const session = createSession({ store });
    const first = stateOf(session.token());
    gate.reject(new Error('down'));
    await idle();
    expect(first.error).toMatchObject({ code: 'refresh-unavailable' });
    store.beforeLoad = undefined;
    expect((await session.token()).accessToken).toBe('anna-at-1');
  });

  it.each(['signIn', 'signOut'] as const)('does not count once %s was called here', async (verb) => {
    const place = shared(recordOf());
    const store = place.handle();
    const gate = deferred();
    store.beforeLoad = () => gate.promise;
    const { sent, fetch } = server();
    const session = createSession({ store });
    const call = stateOf(session.token());
    const request = stateOf(createAuthFetch({ baseUrl, auth: session, fetch })(`${baseUrl}a`));
    const done = verb === 'signIn' ? session.signIn(tokensOf('bob', 1)) : session.signOut();
    store.beforeLoad = undefined;
    gate.resolve();
    await done;
    await idle();
    expect(call.error).toMatchObject({ code: 'signed-out' });
    expect(request.error).toMatchObject({ code: 'signed-out' });
    expect(sent).toEqual([]);
  });
});

describe('session.token: what an acquire brings', () => {
  it('counts as the id the call began with, also where another context has acquired it', async () => {
    const place = shared();
    const acquire = rotation('robot');
    const [a, b] = [1, 2].map(() => createSession({ acquire, store: place.handle() }));
    const tokens = await Promise.all([a?.token(), b?.token()]);
    expect(tokens.map((token) => token?.accessToken)).toEqual(['robot-at-2', 'robot-at-2']);
    expect(acquire).toHaveBeenCalledTimes(1);
  });

  it.each(['signIn', 'signOut'] as const)('does not count once %s was called here', async (verb) => {
    const answer = deferred<ReturnType<typeof tokensOf>>();
    const session = createSession({ acquire: () => answer.promise });
    const call = stateOf(session.token());
    await idle();
    await (verb === 'signIn' ? session.signIn(tokensOf('bob', 1)) : session.signOut());
    answer.resolve(tokensOf('robot', 1));
    await idle();
    expect(call.error).toMatchObject({ code: 'signed-out' });
  });

  it('keeps the id where it replaces a refused token: the request is replayed', async () => {
    const place = shared();
    const { sent, fetch, refuse, answers } = server();
    const session = createSession({ acquire: rotation('robot'), store: place.handle() });
    const call = stateOf(createAuthFetch({ baseUrl, auth: session, fetch })(`${baseUrl}a`));
    await idle();
    const id = place.record?.id;
    refuse(0);
    await idle();
    answers[1]?.resolve(new Response('ok'));
    await idle();
    expect(call.value?.status).toBe(200);
    expect(sent).toEqual(['Bearer robot-at-2', 'Bearer robot-at-3']);
    expect(place.record?.id).toBe(id);
  });
});
