import { describe, expect, it } from 'vitest';
import { deferred } from '../support/deferred.js';
import { loaded } from '../support/races-context.js';
import { flush, heldNow, raceClock, record, tokens, watch } from '../support/races-tools.js';

describe('the newest record, told of while something of ours is written', () => {
  raceClock();

  it('is found once a sign-in is written: another context signed in after it', async () => {
    const { place, store, session } = await loaded();
    const answered = deferred();
    store.onSave = async (write) => {
      store.onSave = undefined;
      const saved = write();
      await answered.promise;
      return saved;
    };
    const signingIn = watch(session.signIn(tokens(7)));
    await flush();
    place.put(record(8, { id: 'bob', revision: 9 }));
    store.tell();
    await flush();
    answered.resolve();
    await flush();
    expect(signingIn.state).toBe('fulfilled');
    expect(heldNow(session)).toBe('at-8');
  });

  it('is found once a refresh is saved: another context signed out after it', async () => {
    const { place, store, session, server } = await loaded();
    const refused = await session.token();
    watch(session.token({ refused }));
    await flush();
    const slow = deferred();
    server.request(0).answer(tokens(1));
    store.onSave = async (write) => {
      store.onSave = undefined;
      const saved = write();
      place.put({ ...record(1), tokens: undefined, revision: 9, ended: 'signed-out' });
      store.onLoad = (read) => {
        store.onLoad = undefined;
        return slow.promise.then(read);
      };
      store.tell();
      return saved;
    };
    await flush();
    slow.resolve();
    await flush();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'elsewhere' });
  });

  it('is not replaced by the older one that was just saved here', async () => {
    const { place, store, session, server } = await loaded();
    const refused = await session.token();
    watch(session.token({ refused }));
    await flush();
    const answered = deferred();
    store.onSave = async (write) => {
      store.onSave = undefined;
      const saved = write();
      await answered.promise;
      return saved;
    };
    server.request(0).answer(tokens(1));
    await flush();
    place.put(record(2, { revision: 9 }));
    store.tell();
    await flush();
    expect(heldNow(session)).not.toBe('at-1');
    answered.resolve();
    await flush();
    expect((await session.token()).accessToken).toBe('at-2');
  });

  it('is not replaced by the one that the turn was held with, and nothing older is posted', async () => {
    const { place, store, session, server } = await loaded();
    const answered = deferred();
    store.onSave = async (write) => {
      store.onSave = undefined;
      const saved = write();
      await answered.promise;
      return saved;
    };
    const waiting = watch(session.token({ refused: await session.token() }));
    await flush();
    place.put(record(1, { revision: 9 }));
    store.tell();
    answered.resolve();
    await flush();
    expect(waiting.value?.accessToken).toBe('at-1');
    expect(server.asked).toHaveLength(0);
    expect(place.record?.revision).toBe(9);
  });
});
