import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { RefreshRejectedError } from '../../src/index.js';
import type { GrantContext, Renewed } from '../../src/session/grant.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { createSession } from '../../src/session/session.js';
import type { TokenStore } from '../../src/session/store.js';
import { deferred } from '../support/deferred.js';
import { idle, stateOf } from '../support/races-watch.js';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const tokens = { access_token: 'at', token_type: 'Bearer', expires_in: 300 };

/** A session whose acquire asks the user, for ten minutes at most. */
function prompting(promptMs = 600_000, store?: TokenStore) {
  const answer = deferred<Renewed>();
  const contexts: GrantContext[] = [];
  const acquire = Object.assign(
    (context: GrantContext) => {
      contexts.push(context);
      return answer.promise;
    },
    { promptMs },
  );
  return { answer, contexts, session: createSession({ acquire, store }) };
}

describe('an acquire that asks the user (promptMs)', () => {
  it('is waited for beyond the 8 s of a refresh and the 30 s of a turn, by calls too', async () => {
    const { session, answer, contexts } = prompting();
    const send = vi.fn(async () => new Response('ok'));
    const authFetch = createAuthFetch({ auth: session, baseUrl: 'https://api.test/', fetch: send });
    const waiting = [stateOf(session.signIn()), stateOf(session.token()), stateOf(authFetch('/x'))];
    await vi.advanceTimersByTimeAsync(500_000);
    expect([waiting.map(({ is }) => is), contexts.length]).toEqual([['pending', 'pending', 'pending'], 1]);
    answer.resolve(tokens);
    await idle();
    expect(waiting.map(({ is }) => is)).toEqual(['resolved', 'resolved', 'resolved']);
    expect([send.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it('is aborted when its time is over, and its callers are told', async () => {
    const { session, contexts } = prompting(60_000);
    const waiting = stateOf(session.signIn());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true]);
  });

  it.each([Number.NaN, -1, 0, '5' as unknown as number])('is no prompt with a promptMs of %s', async (ms) => {
    const { session } = prompting(ms);
    const waiting = stateOf(session.signIn());
    await vi.advanceTimersByTimeAsync(8_000);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
  });

  it.each([0, -1, Number.NaN, undefined])(
    'is as patient for somebody else’s sign-in as for the first: promptMs %s',
    async (ms) => {
      const { session, answer } = prompting(ms as number);
      await session.signIn({ ...tokens, refresh_token: 'rt' });
      const waiting = stateOf(session.signIn());
      await vi.advanceTimersByTimeAsync(7_000);
      answer.resolve({ ...tokens, access_token: 'other' });
      await idle();
      expect(waiting.error).toBeUndefined();
      expect((await session.token()).accessToken).toBe('other');
    },
  );

  it.each([2 ** 31, Number.POSITIVE_INFINITY])('is waited for a day at most: promptMs %s', async (ms) => {
    const { session, contexts } = prompting(ms);
    await session.signIn({ ...tokens, refresh_token: 'rt' });
    const waiting = stateOf(session.signIn());
    await vi.advanceTimersByTimeAsync(86_399_999);
    expect([waiting.is, contexts[0]?.signal.aborted]).toEqual(['pending', false]);
    await vi.advanceTimersByTimeAsync(1);
    expect([waiting.is, contexts[0]?.signal.aborted]).toEqual(['rejected', true]);
  });

  it.each<[string, (session: ReturnType<typeof prompting>['session']) => Promise<unknown>]>([
    ['signOut', (session) => session.signOut()],
    ['signIn with tokens', (session) => session.signIn(tokens)],
    ['close', (session) => session.close()],
  ])('is aborted by %s: nobody can use the answer', async (_, end) => {
    const { session, contexts } = prompting();
    const waiting = stateOf(session.token());
    await idle();
    expect(contexts[0]?.signal.aborted).toBe(false);
    await end(session);
    await idle();
    expect([contexts[0]?.signal.aborted, waiting.is]).toEqual([true, 'rejected']);
  });

  it('is left alone by the abort of one who waits', async () => {
    const { session, answer, contexts } = prompting();
    const controller = new AbortController();
    const gone = stateOf(session.token({ signal: controller.signal }));
    const patient = stateOf(session.token());
    await idle();
    controller.abort(new Error('gone'));
    await idle();
    expect([gone.is, patient.is, contexts[0]?.signal.aborted]).toEqual(['rejected', 'pending', false]);
    answer.resolve(tokens);
    await idle();
    expect(patient.is).toBe('resolved');
  });

  it('is asked once, also where its answer was lost on the way', async () => {
    const { session, answer, contexts } = prompting();
    const waiting = stateOf(session.signIn());
    answer.reject(new TypeError('fetch failed'));
    await vi.advanceTimersByTimeAsync(8_000);
    expect(waiting.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(contexts).toHaveLength(1);
  });

  it('tells signIn() why nobody signed in', async () => {
    const { session, answer } = prompting();
    const waiting = stateOf(session.signIn());
    answer.reject(new RefreshRejectedError(undefined, { error: 'access_denied' }));
    await idle();
    expect(waiting.error).toMatchObject({ code: 'refresh-rejected', error: 'access_denied' });
    expect(session.getSnapshot().status).toBe('signed-out');
  });

  it.each(['from nothing', 'for a refused token'])(
    'is not shown again to a user who declined %s, until signIn()',
    async (when) => {
      let asked = 0;
      const acquire = Object.assign(
        async () => {
          if (++asked === 1) throw new RefreshRejectedError(undefined, { error: 'access_denied' });
          return tokens;
        },
        { promptMs: 600_000 },
      );
      const session = createSession({ acquire });
      const sent: (string | null)[] = [];
      const fetch: typeof globalThis.fetch = async (_, init) => {
        const authorization = new Headers(init?.headers).get('authorization');
        sent.push(authorization);
        return new Response(null, { status: authorization === 'Bearer at' ? 200 : 401 });
      };
      const authFetch = createAuthFetch({ auth: session, baseUrl: 'https://api.test/', fetch });
      if (when === 'for a refused token') await session.signIn({ access_token: 'old', expires_in: 300 });
      expect((await authFetch('/x')).status).toBe(401);
      for (let i = 0; i < 5; i++) {
        await vi.advanceTimersByTimeAsync(120_000);
        expect((await authFetch('/x')).status).toBe(401);
      }
      expect([asked, session.getSnapshot().status]).toEqual([1, 'signed-out']);
      await session.signIn();
      expect([(await authFetch('/x')).status, asked]).toEqual([200, 2]);
    },
  );

  it('is not called to know who is signed in: ready() and subscribe() say that nobody is', async () => {
    const { session, contexts } = prompting();
    expect(session.getSnapshot().status).toBe('loading');
    session.subscribe(() => {});
    expect(await session.ready()).toMatchObject({ status: 'signed-out', cause: 'never' });
    await idle();
    expect([session.getSnapshot().status, contexts.length]).toEqual(['signed-out', 0]);
    stateOf(session.token());
    await idle();
    expect(contexts).toHaveLength(1);
  });

  it('is not called ahead of time: only where a token was refused', async () => {
    const { session, contexts } = prompting();
    await session.signIn({ ...tokens, expires_in: 100 });
    await vi.advanceTimersByTimeAsync(99_500);
    const held = await session.token();
    await idle();
    expect([held.accessToken, contexts.length]).toEqual(['at', 0]);
    stateOf(session.token({ refused: held }));
    await idle();
    expect(contexts).toHaveLength(1);
  });

  it('asks in one of the contexts that share a store: the other is told after 8 s, and adopts what comes', async () => {
    const store = memoryStore();
    const first = prompting(600_000, store);
    const second = prompting(600_000, store);
    const asking = stateOf(first.session.token());
    await idle();
    const other = stateOf(second.session.token());
    await vi.advanceTimersByTimeAsync(8_000);
    expect(other.error).toMatchObject({ code: 'refresh-unavailable' });
    await vi.advanceTimersByTimeAsync(100_000);
    first.answer.resolve(tokens);
    await idle();
    expect([asking.is, (await second.session.token()).accessToken, second.contexts.length]).toEqual([
      'resolved',
      'at',
      0,
    ]);
  });

  it('may take its time beside a session that is signed in', async () => {
    const { session, answer } = prompting();
    await session.signIn(tokens);
    const waiting = stateOf(session.signIn());
    await vi.advanceTimersByTimeAsync(100_000);
    expect(waiting.is).toBe('pending');
    answer.resolve({ ...tokens, access_token: 'other' });
    await idle();
    expect((await session.token()).accessToken).toBe('other');
  });
});
