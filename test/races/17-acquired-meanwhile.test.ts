import { describe, expect, it, vi } from 'vitest';
import type { Renewed } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { shared } from '../support/races-handle.js';
import { flush, pass, raceClock } from '../support/races-tools.js';
import { stateOf } from '../support/races-watch.js';

/** Here somebody is being asked, and elsewhere bert signs in. */
async function setup(promptMs: number | undefined) {
  const place = shared();
  const store = place.handle();
  const answer = deferred<Renewed>();
  let signal: AbortSignal | undefined;
  const acquire = Object.assign(
    (context: { signal: AbortSignal }) => {
      signal = context.signal;
      return answer.promise;
    },
    promptMs === undefined ? {} : { promptMs },
  );
  const revoke = vi.fn(async () => {});
  const session = createSession({ acquire, revoke, store });
  const token = stateOf(session.token());
  await flush();
  const elsewhere = createSession({ store: place.handle() });
  await elsewhere.signIn({ accessToken: 'bert-at' });
  store.tell();
  await flush();
  return { place, session, token, answer, revoke, signal: () => signal };
}

describe('createSession, where another context signs in while an acquire asks', () => {
  raceClock();

  it.each([undefined, 60_000])('never gives that sign-in the tokens that come: promptMs %s', async (ms) => {
    const { place, session, answer, revoke, token } = await setup(ms);
    const { id } = place.record ?? {};
    answer.resolve({ accessToken: 'anna-at' });
    await flush();
    expect(token.value?.accessToken).toBe('bert-at');
    expect((await session.token()).accessToken).toBe('bert-at');
    expect(place.record).toMatchObject({ id, tokens: { accessToken: 'bert-at' } });
    expect(revoke).toHaveBeenCalledTimes(1);
  });

  it('serves everybody with that sign-in, and takes the prompt away', async () => {
    const { session, token, signal } = await setup(60_000);
    expect(token.value?.accessToken).toBe('bert-at');
    expect(signal()?.aborted).toBe(true);
    const next = stateOf(session.token());
    await pass(1);
    expect(next.value?.accessToken).toBe('bert-at');
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-in', refreshing: false });
  });
});
