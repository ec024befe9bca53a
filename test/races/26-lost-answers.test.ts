import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/protocol/challenge.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import { loaded } from '../support/races-context.js';
import { RacePlace } from '../support/races-place.js';
import { flush, pass, raceClock, record, tokens, watch } from '../support/races-tools.js';

const more = { accessToken: 'more-at', refreshToken: 'more-rt' };
const [challenge] = parseChallenges('Bearer error="insufficient_scope", scope="write"');

/** A context whose step-up is saved; what becomes of that save, and of the record meanwhile, is up to the test. */
async function steppedUp(save: (write: () => boolean, place: RacePlace) => void) {
  const made = await loaded({
    place: new RacePlace(record(5)),
    options: { stepUp: async () => ({ access_token: 'more-at', refresh_token: 'more-rt' }) },
  });
  const { place, session, store } = made;
  const refused = await session.token();
  const waiting = watch(session.token({ refused, challenge }));
  let isFirst = true;
  store.onSave = (write, next) => {
    // the stamp of who holds the turn is none of it
    if (!isFirst || next.tokens?.accessToken !== 'more-at') return write();
    isFirst = false;
    save(write, place);
    throw new Error('the answer was lost');
  };
  await pass(5_000);
  return { ...made, waiting };
}

/** What another context makes of the record that stands there. */
function put(place: RacePlace, about: Partial<SessionRecord>): void {
  const { record } = place;
  if (record) place.put({ ...record, ...about, revision: record.revision + 1 });
}

describe('a save whose answer is lost', () => {
  raceClock();

  it('is no reason to write the refresh token again that another context has rotated since for a derived session', async () => {
    const { place, waiting } = await steppedUp((write, place) => {
      write();
      put(place, { tokens: { ...more, refreshToken: 'rt-9' } });
    });
    expect(waiting.value?.accessToken).toBe('more-at');
    expect(place.record).toMatchObject({
      generation: 7,
      tokens: { accessToken: 'more-at', refreshToken: 'rt-9' },
    });
  });

  it('is no reason to write it again where another context has renewed with it since', async () => {
    const { place, waiting } = await steppedUp((write, place) => {
      write();
      put(place, { generation: 8, tokens: { accessToken: 'at-9', refreshToken: 'rt-9' } });
    });
    expect(waiting.value?.accessToken).toBe('at-9');
    expect(place.record).toMatchObject({ generation: 8, tokens: { refreshToken: 'rt-9' } });
  });

  it('loses no step-up where it was not written, and another context has renewed meanwhile', async () => {
    const { place, waiting } = await steppedUp((_, place) => {
      put(place, { generation: 7, tokens: { accessToken: 'at-9', refreshToken: 'rt-9' } });
    });
    expect(waiting.value?.accessToken).toBe('more-at');
    expect(place.record).toMatchObject({ generation: 8, tokens: { refreshToken: 'more-rt' } });
  });

  it('loses no step-up where it is written again before it lands', async () => {
    const late: (() => boolean)[] = [];
    const { place, waiting } = await steppedUp((write) => {
      late.push(write);
    });
    expect(late.map((write) => write())).toEqual([false]);
    expect(waiting.value?.accessToken).toBe('more-at');
    expect(place.record).toMatchObject({ generation: 7, tokens: { refreshToken: 'more-rt' } });
  });

  it('tells of no renewal twice: the tokens are those that were saved', async () => {
    const { session, store, place, server, told } = await loaded({ place: new RacePlace(record(5)) });
    const waiting = watch(session.token({ refused: await session.token() }));
    await flush();
    store.onSave = (write) => {
      store.onSave = undefined;
      write();
      put(place, { tokens: { accessToken: 'at-6', refreshToken: 'rt-9' } });
      throw new Error('the answer was lost');
    };
    server.request(0).answer(tokens(6));
    await pass(1_000);
    expect(waiting.value?.accessToken).toBe('at-6');
    expect(place.record).toMatchObject({ generation: 7, tokens: { refreshToken: 'rt-9' } });
    expect(told().filter((event) => event.startsWith('refreshed'))).toEqual(['refreshed here']);
  });
});
