import { describe, expect, it } from 'vitest';
import type { TokenInput } from '../../src/protocol/token-set.js';
import type { Renewed } from '../../src/session/grant.js';
import { loaded } from '../support/races-context.js';
import { RacePlace } from '../support/races-place.js';
import { flush, raceClock, record, tokens, watch } from '../support/races-tools.js';

/** Renews through every answer in turn; returns what was posted. */
async function renewedBy(answers: readonly Renewed[], exclusive = true) {
  const made = await loaded({ exclusive });
  for (const [n, answer] of answers.entries()) {
    const renewing = watch(made.session.refresh());
    await flush();
    made.server.request(n).answer(answer);
    await flush();
    expect(renewing.state).toBe('fulfilled');
  }
  return { ...made, posted: made.server.asked.map(({ posted }) => posted) };
}

describe('the refresh token', () => {
  raceClock();

  it.each([true, false])('is replaced by the rotated one (exclusive store: %s)', async (exclusive) => {
    const { posted, place } = await renewedBy([tokens(1), tokens(2), tokens(3)], exclusive);
    expect(posted).toEqual(['rt-0', 'rt-1', 'rt-2']);
    expect(place.record?.tokens?.refreshToken).toBe('rt-3');
  });

  it.each<[string, TokenInput]>([
    ['none', { access_token: 'at-1', expires_in: 300 }],
    ['null', { access_token: 'at-1', refresh_token: null }],
    ['an empty one', { access_token: 'at-1', refresh_token: '' }],
    ['undefined', { accessToken: 'at-1', refreshToken: undefined }],
  ])('is kept where the response has %s', async (_, answer) => {
    const { posted, place } = await renewedBy([answer, answer, tokens(3)]);
    expect(posted).toEqual(['rt-0', 'rt-0', 'rt-0']);
    expect(place.record?.tokens?.refreshToken).toBe('rt-3');
  });

  it('is kept after a rotation too, with the newest access token beside it', async () => {
    const { posted, place } = await renewedBy([tokens(1), Response.json({ access_token: 'at-2' })]);
    expect(posted).toEqual(['rt-0', 'rt-1']);
    expect(place.record?.tokens).toMatchObject({ accessToken: 'at-2', refreshToken: 'rt-1' });
  });

  it('keeps scope and ID token of the response before, where the next has none', async () => {
    const { place } = await renewedBy([
      { access_token: 'at-1', refresh_token: 'rt-1', scope: 'read', id_token: 'id-1' },
      tokens(2),
    ]);
    expect(place.record?.tokens).toMatchObject({ scope: 'read', idToken: 'id-1', refreshToken: 'rt-2' });
  });

  it('is not kept with the life of the old access token: one of unknown life has none', async () => {
    const { place } = await renewedBy([{ access_token: 'at-1' }]);
    expect(place.record).not.toHaveProperty('expiresAt');
    expect(place.record?.tokens).not.toHaveProperty('expiresAt');
  });

  it('that another context rotated is posted next by this one, and the other way round', async () => {
    const place = new RacePlace(record(0));
    const contexts = [await loaded({ place }), await loaded({ place })] as const;
    const posted: (string | undefined)[] = [];
    for (const n of [1, 2, 3, 4]) {
      const { session, server } = contexts[n % 2 === 0 ? 0 : 1];
      const renewing = watch(session.refresh());
      await flush();
      // what the other context wrote is adopted, and the next call renews it
      if (renewing.state === 'pending') {
        posted.push(server.asked.at(-1)?.posted);
        server.request(server.asked.length - 1).answer(tokens(n));
        await flush();
      }
      expect(renewing.state).toBe('fulfilled');
      for (const { store } of contexts) store.tell();
      await flush();
    }
    expect(posted).toEqual(['rt-0', 'rt-1', 'rt-2', 'rt-3']);
  });

  it('of the sign-in before is never posted in the next one', async () => {
    const { session, server } = await loaded();
    await session.signIn({ access_token: 'at-7' });
    watch(session.refresh());
    await flush();
    expect(server.asked.map(({ posted }) => posted)).toEqual([undefined]);
  });
});
