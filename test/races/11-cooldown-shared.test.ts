import { describe, expect, it, vi } from 'vitest';
import { loaded } from '../support/races-context.js';
import { heldNow, pass, raceClock, record, watch } from '../support/races-tools.js';

describe('the cooldown between contexts', () => {
  raceClock();

  it('ends with tokens that another context has saved', async () => {
    const refresh = vi.fn(async () => new Response('{}', { status: 400 }));
    const { place, store, session } = await loaded({ options: { refresh } });
    const refused = await session.token();
    store.onTurn = () => Promise.reject(new Error('down'));
    watch(session.token({ refused }));
    await pass(0);
    store.onTurn = undefined;
    place.put(record(1, { revision: 9 }));
    store.tell();
    expect(heldNow(session)).toBe('at-1');
    watch(session.refresh());
    await pass(0);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('is shared where the answer was lost at the end of the turn as well', async () => {
    const { place, server, session } = await loaded();
    const refused = await session.token();
    watch(session.token({ refused }));
    await pass(30_000);
    server.request(0).fail(new DOMException('aborted', 'AbortError'));
    await pass(0);
    expect(place.record?.notBefore).toBeGreaterThan(Date.now());
  });
});
