import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { createSession } from '../../src/session/session.js';
import type { TokenStore } from '../../src/session/store.js';
import { idle } from '../support/races-watch.js';

const START = 1_800_000_000_000;
const tokens = (n: number) => ({ access_token: `at-${n}`, refresh_token: `rt-${n}`, expires_in: 300 });

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('TokenStore.memoryOnly', () => {
  it.each([
    ['synchronous', (store: TokenStore) => store],
    [
      'asynchronous',
      (store: TokenStore): TokenStore => ({
        ...store,
        load: async () => store.load(),
        save: async (...about) => store.save(...about),
      }),
    ],
  ])('is told as `store-degraded` each time it begins: a store that is %s', async (_, as) => {
    const events: SessionEvent[] = [];
    const place = { ...as(memoryStore()), memoryOnly: false };
    const session = createSession({
      refresh: async () => tokens(2),
      store: place,
      observe: (event) => events.push(event),
    });
    const told = () =>
      events.flatMap((event) => (event.type === 'store-degraded' ? [event.reason] : [])).length;
    await session.ready();
    expect(told()).toBe(0);
    place.memoryOnly = true;
    await session.signIn(tokens(1));
    await session.refresh();
    expect(told()).toBe(1);
    place.memoryOnly = false;
    await session.refresh();
    place.memoryOnly = true;
    await session.signOut();
    expect(told()).toBe(2);
    expect(events).toContainEqual({
      type: 'store-degraded',
      at: expect.any(Number),
      reason: 'memory-only',
    });
  });
});

describe('TokenStore.onResume', () => {
  it('is heeded where the session has no `onResume` of its own, and let go of at the end', async () => {
    vi.useFakeTimers({ now: START });
    let resume: (() => void) | undefined;
    const store: TokenStore = {
      ...memoryStore(),
      onResume: (call) => {
        resume = call;
        return () => {
          resume = undefined;
        };
      },
    };
    const refresh = vi.fn(async () => tokens(2));
    const session = createSession({ refresh, store });
    await session.signIn(tokens(1));
    vi.setSystemTime(START + 3_600_000);
    resume?.();
    await idle();
    expect(refresh).toHaveBeenCalledTimes(1);
    await session.close();
    expect(resume).toBeUndefined();
  });

  it('is not asked where the session has its own', () => {
    const onResume = vi.fn(() => () => {});
    createSession({ store: { ...memoryStore(), onResume }, onResume: () => () => {} });
    expect(onResume).not.toHaveBeenCalled();
  });
});

describe('createSession in a page that nobody sees', () => {
  it.each([{}, { waitUntil: () => {} }])('begins no refresh beside a request: %o', async (about) => {
    vi.useFakeTimers({ now: START });
    const refresh = vi.fn(async () => tokens(2));
    const session = createSession({ refresh, ...about });
    await session.signIn(tokens(1));
    vi.setSystemTime(START + 270_000);
    vi.stubGlobal('document', { visibilityState: 'hidden' });
    expect((await session.token()).accessToken).toBe('at-1');
    await idle();
    expect(refresh).not.toHaveBeenCalled();
    vi.stubGlobal('document', { visibilityState: 'visible' });
    await session.token();
    await idle();
    expect(refresh).toHaveBeenCalledTimes(1);
  });
});
