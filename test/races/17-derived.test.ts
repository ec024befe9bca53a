import { describe, expect, it, vi } from 'vitest';
import type { Refresh } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { flush, pass, raceClock } from '../support/races-tools.js';
import { stateOf } from '../support/races-watch.js';

/** The token says whose it is. */
const refresh: Refresh = async ({ held, target }) => ({
  access_token: `${target?.audience}-of-${held.refreshToken}`,
});

describe('Session.derive, where one sign-in follows another', () => {
  raceClock();

  it.each([
    ['remembered', 1],
    ['forgotten', 150],
  ])('gives nobody the token of the next user: %s', async (_, others) => {
    const store = shared(recordOf()).handle();
    const session = createSession({ refresh, store });
    await session.ready();
    const derived = session.derive({ audience: 'files' });
    const turn = deferred<void>();
    void store.turn(() => turn.promise);
    const token = stateOf(derived.token());
    await flush();
    for (let n = 0; n < others; n++) session.derive({ audience: `other-${n}` });
    await session.signIn({ accessToken: 'bert-at', refreshToken: 'bert-rt' });
    turn.resolve();
    await pass(8_000);
    expect(token).toMatchObject({ is: 'rejected', error: { signInRequired: true } });
    expect((await derived.token()).accessToken).toBe('files-of-bert-rt');
  });

  it('leaves nobody waiting for a user where it is closed', async () => {
    const acquire = Object.assign(() => new Promise<never>(() => {}), { promptMs: 3_600_000 });
    const session = createSession({ acquire });
    const token = stateOf(session.derive({ audience: 'files' }).token());
    await flush();
    await session.close();
    await flush();
    expect(token).toMatchObject({ is: 'rejected', error: { code: 'refresh-unavailable' } });
  });

  it('finds the sign-in that was acquired after nobody was', async () => {
    let user: { accessToken: string; refreshToken: string } | null = null;
    const session = createSession({ acquire: async () => user, refresh });
    const derived = session.derive({ audience: 'files' });
    // the session's own wait is the shorter one
    vi.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValueOnce(1);
    await expect(derived.token()).rejects.toMatchObject({ signInRequired: true });
    user = { accessToken: 'anna-at', refreshToken: 'anna-rt' };
    await pass(1_500);
    expect((await session.token()).accessToken).toBe('anna-at');
    expect((await derived.token()).accessToken).toBe('files-of-anna-rt');
  });

  it('renews ahead of time also where the user was asked to sign in first', async () => {
    const asked: number[] = [];
    const renew: Refresh = async ({ target }) => {
      if (target) asked.push(Date.now());
      return { access_token: `at-${asked.length}`, expires_in: 100 };
    };
    const acquire = Object.assign(async () => ({ accessToken: 'at', refreshToken: 'rt' }), {
      promptMs: 60_000,
    });
    const derived = createSession({ acquire, refresh: renew }).derive({ audience: 'files' });
    await derived.token();
    await pass(97_000);
    expect((await derived.token()).accessToken).toBe('at-2');
  });
});
