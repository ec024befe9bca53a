import { describe, expect, it, vi } from 'vitest';
import type { Refresh, Renewed } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { flush, pass, raceClock } from '../support/races-tools.js';
import { stateOf } from '../support/races-watch.js';

const files = { resource: 'https://files.example.com/' };
const dead = () => Response.json({ error: 'invalid_grant' }, { status: 400 });

function setup() {
  const place = shared(recordOf());
  const store = place.handle();
  const answer = deferred<Renewed>();
  let derivations = 0;
  const refresh = vi.fn<Refresh>(async ({ target }) =>
    target && ++derivations === 1 ? answer.promise : { access_token: 'at-2', refresh_token: 'rt-2' },
  );
  const session = createSession({ refresh, store });
  return { place, store, answer, refresh, session, derived: session.derive(files) };
}

describe('Session.derive, in the turn of the store', () => {
  raceClock();

  it('keeps the turn no longer than 30 s, also where `refresh` heeds no signal', async () => {
    const { session, derived, refresh } = setup();
    const token = stateOf(derived.token());
    await pass(30_000);
    expect(token).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
    expect(refresh.mock.calls[0]?.[0].signal.aborted).toBe(true);
    const renewed = stateOf(session.refresh());
    await flush();
    expect(renewed.value?.accessToken).toBe('at-2');
  });

  it('saves the refresh token that comes after that', async () => {
    const { derived, answer, place } = setup();
    stateOf(derived.token());
    await pass(31_000);
    answer.resolve({ access_token: 'late-at', refresh_token: 'late-rt' });
    await flush();
    expect(place.record?.tokens).toMatchObject({ accessToken: 'anna-at-1', refreshToken: 'late-rt' });
  });

  it('posts nothing once the turn is about to be lost', async () => {
    const { derived, store, refresh } = setup();
    const gate = deferred<void>();
    store.beforeSave = () => gate.promise;
    const token = stateOf(derived.token());
    await flush();
    store.lose();
    gate.resolve();
    await pass(8_000);
    expect(refresh.mock.calls.every(([{ signal }]) => !signal.aborted)).toBe(true);
    expect(token.is).toBe('rejected');
  });

  it('concludes nothing from a refusal after the turn was lost', async () => {
    const { session, derived, store, answer, place } = setup();
    const token = stateOf(derived.token());
    await flush();
    store.lose();
    answer.resolve(dead());
    await pass(8_000);
    expect(token.value?.accessToken).toBe('at-2');
    expect(session.getSnapshot().status).toBe('signed-in');
    expect(place.record?.ended).toBeUndefined();
  });

  it('takes notice afterwards of an end that another context wrote meanwhile', async () => {
    const { session, derived, store, answer, place } = setup();
    await session.ready();
    stateOf(derived.token());
    await flush();
    const { id, revision, generation, boundTo } = place.record ?? recordOf();
    place.record = { id, revision: revision + 1, generation, boundTo, ended: 'rejected' };
    store.tell();
    await flush();
    expect(session.getSnapshot().status).toBe('signed-in');
    answer.resolve(Response.json({ error: 'invalid_target' }, { status: 400 }));
    await flush();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
  });

  it('takes that notice a while after an answer that never comes', async () => {
    const { session, derived, store, place } = setup();
    await session.ready();
    stateOf(derived.token());
    await pass(30_000);
    const { id, revision, generation, boundTo } = place.record ?? recordOf();
    place.record = { id, revision: revision + 1, generation, boundTo, ended: 'rejected' };
    store.tell();
    await pass(30_000);
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
  });

  it('looks again where the store holds what could not be taken yet', async () => {
    const { session, derived, store, place } = setup();
    await session.ready();
    const gate = deferred<void>();
    store.beforeLoad = () => gate.promise;
    stateOf(derived.token());
    await flush();
    store.beforeLoad = undefined;
    // the load under way has read what is old by now
    place.record = recordOf({
      revision: 2,
      generation: 2,
      tokens: { accessToken: 'anna-at-2', refreshToken: 'anna-rt-2' },
    });
    store.tell();
    await flush();
    gate.resolve();
    await pass(1_000);
    expect(place.record?.tokens?.refreshToken).toBe('anna-rt-2');
  });

  it('heeds the Retry-After that another token was answered with', async () => {
    const { session, derived, answer, refresh } = setup();
    await session.ready();
    const token = stateOf(derived.token());
    await flush();
    answer.resolve(new Response(null, { status: 429, headers: { 'retry-after': '30' } }));
    await flush();
    expect(token).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
    await expect(session.refresh()).rejects.toMatchObject({ code: 'refresh-unavailable' });
    await expect(session.derive({ audience: 'b' }).token()).rejects.toMatchObject({
      code: 'refresh-unavailable',
    });
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(session.getSnapshot().status).toBe('signed-in');
  });
});
