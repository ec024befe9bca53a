import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthClient } from '../../src/client.js';
import { basic } from '../../src/schemes/basic.js';
import type { Acquire, Renewed } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import type { Session } from '../../src/session/types.js';
import { deferred } from '../support/deferred.js';
import { idle, stateOf } from '../support/races-watch.js';
import { web } from '../support/races-web.js';

const tokens = { access_token: 'at-1', refresh_token: 'rt-1' };

function setup(auth?: (session: Session) => Parameters<typeof createAuthClient>[0]['auth']) {
  const answer = deferred<Renewed>();
  const asked = vi.fn(() => answer.promise);
  const acquire: Acquire = Object.assign(asked, { promptMs: 600_000 });
  const session = createSession({ acquire });
  const { fetch, sendings } = web(() => new Response('done'));
  const api = createAuthClient({
    baseUrl: 'https://api.example.com/',
    auth: auth?.(session) ?? session,
    fetch,
    timeout: 1_000,
    retry: 0,
  });
  return { api, session, answer, asked, sendings };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

describe('createAuthClient: a session that asks its user', () => {
  it('waits for the user before the clock of `timeout` starts, asked once', async () => {
    const { api, answer, asked, sendings } = setup();
    const calls = [stateOf(api.get('a').text()), stateOf(api.post('b', { json: 1 }).text())];
    await vi.advanceTimersByTimeAsync(300_000);
    expect(calls.map(({ is }) => is)).toEqual(['pending', 'pending']);
    answer.resolve(tokens);
    await idle();
    expect(calls.map(({ value }) => value)).toEqual(['done', 'done']);
    expect(sendings.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer at-1',
      'Bearer at-1',
    ]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('still holds a slow server to `timeout`', async () => {
    const { session, answer } = setup();
    answer.resolve(tokens);
    await session.signIn();
    const api = createAuthClient({
      baseUrl: 'https://api.example.com/',
      auth: session,
      fetch: () => new Promise(() => {}),
      timeout: 1_000,
      retry: 0,
    });
    const call = stateOf(api.get('a'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(call).toMatchObject({ is: 'rejected', error: { name: 'TimeoutError' } });
  });

  it('sends without credentials where the user says no, and frees a caller who aborts', async () => {
    const { api, answer, sendings } = setup();
    const abort = new AbortController();
    const aborted = stateOf(api.get('a', { signal: abort.signal }));
    const call = stateOf(api.get('a').text());
    await idle();
    abort.abort(new Error('enough'));
    await idle();
    expect(aborted).toMatchObject({ is: 'rejected', error: { message: 'enough' } });
    answer.resolve(null);
    await idle();
    expect(call.value).toBe('done');
    expect(sendings.map(({ headers }) => headers.get('authorization'))).toEqual([null]);
  });

  it('fails with the error of a sign-in that failed', async () => {
    const { api, answer } = setup();
    const call = stateOf(api.get('a'));
    answer.reject(new TypeError('fetch failed'));
    await idle();
    expect(call).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
  });

  it.each<[string, Parameters<ReturnType<typeof setup>['api']['get']>]>([
    ['auth: false', ['a', { context: { auth: false } }]],
    ['another origin', ['https://elsewhere.example.com/a', {}]],
    ['an Authorization of the caller’s own', ['a', { headers: { authorization: 'Basic eDp5' } }]],
  ])('asks nobody for %s', async (_, [input, options]) => {
    const { api, asked } = setup();
    expect(await api.get(input, options).text()).toBe('done');
    expect(asked).toHaveBeenCalledTimes(0);
  });

  it('asks nobody before a challenge where another scheme comes first', async () => {
    const { api, asked } = setup((session) => [basic({ username: 'a', password: 'b' }), session]);
    expect(await api.get('a').text()).toBe('done');
    expect(asked).toHaveBeenCalledTimes(0);
  });
});
