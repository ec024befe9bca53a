import { describe, expect, it } from 'vitest';
import { loaded } from '../support/races-context.js';
import { heldNow, pass, raceClock, watch } from '../support/races-tools.js';

describe('a rejection passed over while an own request is under way', () => {
  raceClock();

  it.each([true, false])(
    'counts once that request has brought nothing (exclusive: %s)',
    async (exclusive) => {
      const { place, store, server, session } = await loaded({ exclusive });
      watch(session.token({ refused: await session.token() }));
      await pass(0);
      place.put({ id: 'alice', revision: 9, generation: 1, boundTo: '', ended: 'rejected' });
      store.tell();
      await pass(0);
      server.request(0).answer(new Response('{}', { status: 400 }));
      await pass(0);
      expect(place.record?.ended).toBe('rejected');
      expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
      expect(heldNow(session)).toBeUndefined();
    },
  );
});
