import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../src/session/session.js';
import type { TokenStore } from '../../src/session/store.js';
import type { Session } from '../../src/session/types.js';
import { webStore } from '../../src/stores/web/web-store.js';
import { deferred } from '../support/deferred.js';
import { corridor, resource, START, tokenServer, tokens, watch } from '../support/races-tools.js';
import { settled, type WebPage, webPage } from '../support/web-page.js';

let page: WebPage;
beforeEach(() => {
  vi.useFakeTimers({
    now: START,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  page = webPage();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Time passes, and with it all that the databases do. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    await vi.advanceTimersByTimeAsync(Math.min(left, 500));
    await settled();
  }
}

function tab(name: string) {
  page.tab(name);
  const store = webStore('session');
  const server = tokenServer();
  const session = createSession({ refresh: server.ask, store }) as Session;
  return { store, server, session };
}

/** A tab that has said that it refreshes, and was frozen then: no timer and no answer of its own comes. */
async function freezeInTurn(store: TokenStore) {
  const began = deferred();
  const lost = deferred();
  void store.turn((signal) => {
    signal.addEventListener('abort', () => lost.resolve());
    began.resolve();
    return new Promise(() => {});
  });
  await began.promise;
  const record = await store.load();
  if (!record) throw new Error('nobody is signed in');
  const held = { ...record, revision: record.revision + 1, holderUntil: Date.now() + 30_000 };
  expect(await store.save(held, record.revision)).toBe(true);
  return { held, lost: watch(lost.promise) };
}

describe('a tab that is frozen in its turn', () => {
  it('keeps others waiting until its time is over: then one of them refreshes, once', async () => {
    const frozen = tab('frozen');
    const others = ['b', 'c'].map(tab) as [ReturnType<typeof tab>, ReturnType<typeof tab>];
    await frozen.session.signIn(tokens(1, 10));
    for (const { session } of others) await session.ready();
    const { held, lost } = await freezeInTurn(frozen.store);
    vi.setSystemTime(START + 10_000);
    const early = others.map(({ session }) => watch(session.token()));
    await pass(8_000);
    expect(early.map(({ error }) => error)).toEqual([
      expect.objectContaining({ code: 'refresh-unavailable' }),
      expect.objectContaining({ code: 'refresh-unavailable' }),
    ]);
    // beyond the stamp, and beyond what they wait after a failure
    await pass(20_000);
    const late = others.map(({ session }) => watch(session.token()));
    await pass(3_000);
    const asked = others.flatMap(({ server }) => server.asked);
    expect(asked.map(({ posted }) => posted)).toEqual(['rt-1']);
    asked[0]?.answer(tokens(2));
    await pass(1_000);
    expect(late.map(({ value }) => value?.accessToken)).toEqual(['at-2', 'at-2']);
    expect(others.flatMap(({ server }) => server.asked)).toHaveLength(1);
    // What it does when it wakes comes to nothing.
    expect(lost.state).toBe('fulfilled');
    const stale = { ...held, revision: held.revision + 1, tokens: { accessToken: 'stale' } };
    expect(await frozen.store.save(stale, held.revision)).toBe(false);
    await settled();
    expect((await frozen.session.token()).accessToken).toBe('at-2');
  });

  it('does not keep anybody waiting whose token is good, nor a sign-out', async () => {
    const frozen = tab('frozen');
    const { session } = tab('b');
    await frozen.session.signIn(tokens(1, 100));
    await session.ready();
    await freezeInTurn(frozen.store);
    vi.setSystemTime(START + 85_000);
    expect((await session.token()).accessToken).toBe('at-1');
    await session.signOut();
    await settled();
    expect(frozen.session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'elsewhere' });
  });
});

describe('tabs that wait for a turn', () => {
  it('send nothing as the user who signs in meanwhile in another tab', async () => {
    const [a, b, c] = [tab('a'), tab('b'), tab('c')];
    const api = resource((token) => token !== undefined);
    await a.session.signIn(tokens(1, 10));
    for (const { session } of [b, c]) await session.ready();
    vi.setSystemTime(START + 10_000);
    const calls = [a, b].flatMap(({ session }) => [
      watch(corridor(session, api)('/1')),
      watch(corridor(session, api)('/2')),
    ]);
    await settled();
    expect(a.server.asked).toHaveLength(1);
    await c.session.signIn({ access_token: 'bob-at', refresh_token: 'bob-rt', expires_in: 300 });
    a.server.request(0).answer(tokens(2));
    await pass(1_000);
    expect(calls.map(({ error }) => (error as Error | undefined)?.name)).toEqual(
      Array(4).fill('SignedOutError'),
    );
    expect(api.sent).toEqual([]);
    await corridor(a.session, api)('/3');
    expect(api.sent).toEqual(['bob-at']);
  });
});
