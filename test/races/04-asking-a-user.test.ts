import { describe, expect, it, vi } from 'vitest';
import type { Acquire, GrantContext, Renewed } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { flush, pass, raceClock } from '../support/races-tools.js';
import { stateOf } from '../support/races-watch.js';

const tokens = { access_token: 'at-1', refresh_token: 'rt-1' };
const MINUTE = 60_000;

/** A session whose acquire asks a user, who answers when the test says so. */
function setup(place = shared(), interactive = true) {
  const answers: ReturnType<typeof deferred<Renewed>>[] = [];
  const contexts: GrantContext[] = [];
  const acquire: Acquire = Object.assign(
    (context: GrantContext) => {
      contexts.push(context);
      const answer = deferred<Renewed>();
      answers.push(answer);
      return answer.promise;
    },
    { interactive },
  );
  const revoke = vi.fn(async () => {});
  const store = place.handle();
  return { session: createSession({ acquire, revoke, store }), place, store, answers, contexts, revoke };
}

describe('createSession: an acquire that asks a user', () => {
  raceClock();

  it('is waited for by everybody who needs its tokens, asked once', async () => {
    const { session, answers, place } = setup();
    const calls = [stateOf(session.token()), stateOf(session.signIn()), stateOf(session.token())];
    await pass(9 * MINUTE);
    expect(calls.map(({ is }) => is)).toEqual(['pending', 'pending', 'pending']);
    answers[0]?.resolve(tokens);
    await flush();
    expect(calls.map(({ is }) => is)).toEqual(['resolved', 'resolved', 'resolved']);
    expect(answers).toHaveLength(1);
    expect(place.record?.tokens?.refreshToken).toBe('rt-1');
  });

  it('is not waited for longer than a refresh where it does not say that it asks', async () => {
    const { session } = setup(shared(), false);
    const call = stateOf(session.token());
    await pass(8_000);
    expect(call).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
  });

  it('is given up after ten minutes', async () => {
    const { session, contexts } = setup();
    const call = stateOf(session.token());
    await pass(10 * MINUTE);
    expect(call).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
    expect(contexts[0]?.signal.aborted).toBe(true);
  });

  it('lets the turn go after 30 s: others may sign in meanwhile, and theirs is taken', async () => {
    const { session, answers, place, store, revoke } = setup();
    const call = stateOf(session.token());
    await pass(29_999);
    const turn = stateOf(place.handle().turn(async () => 'mine'));
    await flush();
    expect(turn.is).toBe('pending');
    await pass(1);
    expect(turn.value).toBe('mine');
    place.record = recordOf();
    answers[0]?.resolve(tokens);
    await flush();
    expect(call.value).toMatchObject({ accessToken: 'anna-at-1' });
    expect(revoke).toHaveBeenCalledTimes(1);
    expect(store.turns).toBe(1);
  });

  it('frees a caller who aborts, and asks on for the others', async () => {
    const { session, answers } = setup();
    const abort = new AbortController();
    const aborted = stateOf(session.token({ signal: abort.signal }));
    const other = stateOf(session.token());
    await pass(MINUTE);
    abort.abort(new Error('enough'));
    await flush();
    expect(aborted.error).toEqual(new Error('enough'));
    answers[0]?.resolve(tokens);
    await flush();
    expect(other.value).toMatchObject({ accessToken: 'at-1' });
  });

  it.each(['signOut', 'close'] as const)('stops asking at %s()', async (how) => {
    const { session, contexts, answers, place } = setup();
    const call = stateOf(session.token());
    await flush();
    void session[how]();
    await flush();
    expect(contexts[0]?.signal.aborted).toBe(true);
    expect(call.is).toBe('rejected');
    answers[0]?.resolve(tokens);
    await flush();
    // tokens that come all the same are not lost, but a sign-out is a sign-out
    expect(place.record?.tokens?.accessToken).toBe(how === 'signOut' ? undefined : 'at-1');
  });

  it('is asked again by signIn() for another sign-in, and waited for', async () => {
    const { session, answers } = setup();
    await session.signIn({ accessToken: 'at-0', refreshToken: 'rt-0' });
    const signingIn = stateOf(session.signIn());
    await pass(MINUTE);
    expect(signingIn.is).toBe('pending');
    answers[0]?.resolve(tokens);
    await flush();
    expect(signingIn.is).toBe('resolved');
    expect((await session.token()).accessToken).toBe('at-1');
  });
});
