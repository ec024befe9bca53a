import { describe, expect, it, vi } from 'vitest';
import type { Refresh, Renewed, StepUp } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { flush, pass, raceClock } from '../support/races-tools.js';
import { stateOf } from '../support/races-watch.js';

const files = { resource: 'https://files.example.com/' };
const challenge = { scheme: 'bearer', params: { error: 'insufficient_scope', scope: 'write' } };

/** A sign-in whose refreshes and step-up are answered by hand. */
function setup() {
  const place = shared(recordOf());
  const posts: { posted: string | undefined; answer: ReturnType<typeof deferred<Renewed>> }[] = [];
  const refresh: Refresh = ({ held }) => {
    const answer = deferred<Renewed>();
    posts.push({ posted: held.refreshToken, answer });
    return answer.promise;
  };
  const asked = deferred<Renewed>();
  const stepUp = vi.fn<StepUp>(() => asked.promise);
  const context = () => {
    const store = place.handle();
    const session = createSession({ refresh, stepUp, store });
    const more = async () => session.token({ refused: await session.token(), challenge });
    return { store, session, more };
  };
  return { place, posts, asked, stepUp, context };
}

describe('a refresh token that was rotated while others wrote', () => {
  raceClock();

  it.each(['in this context', 'in another'])('outlives a step-up that brings none: %s', async (where) => {
    const { place, posts, asked, context } = setup();
    const first = context();
    const second = where === 'in another' ? context() : first;
    const more = stateOf(first.more());
    await pass(5_000);
    const renewed = stateOf(second.session.refresh());
    await flush();
    expect(posts).toMatchObject([{ posted: 'anna-rt-1' }]);
    asked.resolve({ access_token: 'more-at' });
    await pass(8_000);
    posts[0]?.answer.resolve({ access_token: 'anna-at-2', refresh_token: 'anna-rt-2' });
    await pass(1_000);
    expect([more.is, renewed.is]).not.toContain('pending');
    expect(place.record?.tokens?.refreshToken).toBe('anna-rt-2');
  });

  it('does not take the place of the one that a step-up brought', async () => {
    const { place, posts, asked, context } = setup();
    const { session, more } = context();
    const stepped = stateOf(more());
    await pass(5_000);
    const token = stateOf(session.derive(files).token());
    await flush();
    expect(posts).toMatchObject([{ posted: 'anna-rt-1' }]);
    asked.resolve({ access_token: 'more-at', refresh_token: 'more-rt' });
    await pass(15_000);
    posts[0]?.answer.resolve({ access_token: 'files-at', refresh_token: 'anna-rt-2' });
    await pass(1_000);
    expect(token.is).not.toBe('pending');
    expect(stepped.is).toBe('resolved');
    expect(place.record?.tokens).toMatchObject({ accessToken: 'more-at', refreshToken: 'more-rt' });
  });

  it('is saved into what a step-up without one has written meanwhile', async () => {
    const { place, posts, asked, context } = setup();
    const first = context();
    const second = context();
    stateOf(first.more());
    await pass(5_000);
    stateOf(second.session.derive(files).token());
    await flush();
    asked.resolve({ access_token: 'more-at' });
    await pass(15_000);
    posts[0]?.answer.resolve({ access_token: 'files-at', refresh_token: 'anna-rt-2' });
    await pass(1_000);
    expect(place.record?.tokens).toMatchObject({ accessToken: 'more-at', refreshToken: 'anna-rt-2' });
  });

  it('ends nobody who posted the one before', async () => {
    const { place, posts, context } = setup();
    const { session } = context();
    const renewed = stateOf(session.refresh());
    await flush();
    // another context lost its turn, and has rotated meanwhile for a token of its own
    const record = place.record ?? recordOf();
    place.record = {
      ...record,
      revision: record.revision + 1,
      tokens: { accessToken: 'anna-at-1', refreshToken: 'anna-rt-2' },
    };
    posts[0]?.answer.resolve(Response.json({ error: 'invalid_grant' }, { status: 400 }));
    await flush();
    expect(renewed.is).not.toBe('pending');
    expect(session.getSnapshot().status).toBe('signed-in');
    expect(place.record?.tokens?.refreshToken).toBe('anna-rt-2');
    stateOf(session.refresh());
    await flush();
    expect(posts[1]?.posted).toBe('anna-rt-2');
  });
});

describe('what a step-up brings', () => {
  raceClock();

  it('is kept where another context renews at the same moment', async () => {
    const { place, asked, context } = setup();
    const { store, more } = context();
    const stepped = stateOf(more());
    await pass(5_000);
    store.beforeSave = () => {
      store.beforeSave = undefined;
      const { record } = place;
      if (!record) return;
      place.record = {
        ...record,
        revision: record.revision + 1,
        generation: record.generation + 1,
        tokens: { accessToken: 'anna-at-2', refreshToken: 'anna-rt-2' },
      };
    };
    asked.resolve({ access_token: 'more-at' });
    await pass(1_000);
    expect(stepped.value).toMatchObject({ accessToken: 'more-at' });
    expect(place.record).toMatchObject({
      generation: 3,
      tokens: { accessToken: 'more-at', refreshToken: 'anna-rt-2' },
    });
  });

  it('serves the other contexts too: who waited for the turn asks nobody again', async () => {
    const { asked, stepUp, context } = setup();
    const [first, second] = [context(), context()];
    const calls = [stateOf(first.more()), stateOf(second.more())];
    await flush();
    asked.resolve({ access_token: 'more-at', refresh_token: 'more-rt', scope: 'read write' });
    await flush();
    expect(calls.map(({ value }) => value?.accessToken)).toEqual(['more-at', 'more-at']);
    expect(stepUp).toHaveBeenCalledTimes(1);
  });

  it('is not asked for where the store cannot be written', async () => {
    const { stepUp, context } = setup();
    const { store, more } = context();
    store.beforeSave = () => Promise.reject(new Error('disk'));
    const stepped = stateOf(more());
    await pass(8_000);
    expect(stepped).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
    expect(stepUp).toHaveBeenCalledTimes(0);
  });

  it('waits no longer for the turn than the sign-in lasts', async () => {
    const { asked, context } = setup();
    const { session, store, more } = context();
    const stepped = stateOf(more());
    await pass(5_000);
    void store.turn(() => new Promise(() => {}));
    asked.resolve({ access_token: 'more-at' });
    await flush();
    await session.signOut();
    await flush();
    expect(stepped).toMatchObject({ is: 'rejected', error: { code: 'signed-out' } });
  });

  it('is neither asked for nor lost where the store gives no turn', async () => {
    const { place, asked, stepUp, context } = setup();
    const { store, more } = context();
    const { turn } = store;
    const broken = () => {
      throw new Error('anna-rt-1');
    };
    store.turn = broken;
    await expect(more()).rejects.toThrow("The session's store gave no turn");
    expect(stepUp).toHaveBeenCalledTimes(0);
    store.turn = turn;
    await pass(60_000);
    const stepped = stateOf(more());
    await pass(5_000);
    store.turn = broken;
    asked.resolve({ access_token: 'more-at' });
    await flush();
    expect(stepped.value?.accessToken).toBe('more-at');
    expect(place.record?.tokens?.accessToken).toBe('more-at');
  });
});
