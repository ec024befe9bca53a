import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../src/session/session.js';
import type { AccessToken, Session } from '../../src/session/types.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { idle, stateOf, tokensOf } from '../support/races-watch.js';

const T0 = 1_800_000_000_000;
const bob = (revision: number) =>
  recordOf({ id: 'bob', revision, tokens: { accessToken: 'bob-at-1', refreshToken: 'bob-rt-1' } });

beforeEach(() => {
  vi.useFakeTimers({ now: T0 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('session: a token that is waited for', () => {
  const ways = {
    'token({ refused })': (session: Session, held: AccessToken) => session.token({ refused: held }),
    'token({ validForMs })': (session: Session) => session.token({ validForMs: 280_000 }),
    'refresh()': (session: Session) => session.refresh(),
  };

  it.each(Object.entries(ways))('is never that of who has signed in meanwhile: %s', async (_, wait) => {
    for (const where of ['here', 'elsewhere']) {
      const place = shared(recordOf({ mintedAt: T0 - 100_000, expiresAt: T0 + 200_000 }));
      const answer = deferred<ReturnType<typeof tokensOf>>();
      const session = createSession({ refresh: () => answer.promise, store: place.handle() });
      const call = stateOf(wait(session, await session.token()));
      await idle();
      expect(call.is).toBe('pending');
      if (where === 'here') await session.signIn(tokensOf('bob', 1));
      else place.record = bob(9);
      answer.resolve(tokensOf('anna', 2));
      await idle();
      expect(call.error).toMatchObject({ code: 'signed-out' });
      expect((await session.token()).accessToken).toBe('bob-at-1');
    }
  });
});
