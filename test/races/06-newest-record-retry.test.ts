import { describe, expect, it, vi } from 'vitest';
import type { Refresh } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { recordOf, shared } from '../support/races-handle.js';
import { flush, pass, raceClock } from '../support/races-tools.js';
import { stateOf } from '../support/races-watch.js';

describe('a refresh that is tried again', () => {
  raceClock();

  it.each([
    ['renewed', 'anna-at-2', 2],
    ['rotated for another token', 'anna-at-1', 1],
  ])('never posts what another context has %s meanwhile', async (_, accessToken, generation) => {
    const place = shared(recordOf());
    const store = place.handle();
    const refresh = vi.fn<Refresh>(async () => new Response(null, { status: 503 }));
    const session = createSession({ refresh, store });
    await session.ready();
    const renewed = stateOf(session.refresh());
    await flush();
    const revision = (place.record?.revision ?? 0) + 1;
    place.record = recordOf({ revision, generation, tokens: { accessToken, refreshToken: 'anna-rt-2' } });
    store.tell();
    await pass(8_000);
    expect(refresh.mock.calls.map(([{ held }]) => held.refreshToken)).toEqual(['anna-rt-1']);
    if (generation === 2) expect(renewed.value?.accessToken).toBe('anna-at-2');
    else expect(renewed).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
    expect(place.record?.tokens?.refreshToken).toBe('anna-rt-2');
  });
});
