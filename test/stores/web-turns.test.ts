import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionRecord } from '../../src/protocol/record.js';
import type { TokenStore } from '../../src/session/store.js';
import { webStore } from '../../src/stores/web/web-store.js';
import { type Deferred, deferred } from '../support/deferred.ts';
import { settled, type WebPage, webPage } from '../support/web-page.ts';
import { PLACE } from './web-place.ts';

const START = 1_800_000_000_000;
const record = (revision: number, about: Partial<SessionRecord> = {}): SessionRecord => ({
  id: 'alice',
  revision,
  generation: 1,
  boundTo: '',
  ...about,
});

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
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function tab(name: string, lockTimeoutMs?: number): TokenStore {
  page.tab(name);
  return webStore('session', { lockTimeoutMs });
}
/** Time passes, and with it all that the databases do. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    await vi.advanceTimersByTimeAsync(Math.min(left, 500));
    await settled();
  }
}
/** How a turn came out. */
function watched<T>(turn: Promise<T>): { value?: T; error?: unknown } {
  const seen: { value?: T; error?: unknown } = {};
  turn.then(
    (value) => {
      seen.value = value;
    },
    (error) => {
      seen.error = error;
    },
  );
  return seen;
}
interface Holding {
  readonly signal: AbortSignal;
  readonly end: Deferred<string>;
  readonly turn: { value?: string; error?: unknown };
}
/** A tab that has the turn, and does not end it. */
async function holding(store: TokenStore): Promise<Holding> {
  const end = deferred<string>();
  const began = deferred<AbortSignal>();
  const turn = watched(
    store.turn((signal) => {
      began.resolve(signal);
      return end.promise;
    }),
  );
  return { signal: await began.promise, end, turn };
}

describe('webStore: the wait for a turn', () => {
  it('is bounded: 8 s, and then RefreshUnavailableError; the holder is left alone', async () => {
    const a = tab('a');
    await a.save(record(1, { holderUntil: START + 30_000 }), 0);
    const first = await holding(a);
    const task = vi.fn(async () => 'b');
    const second = watched(tab('b').turn(task));
    await pass(7_500);
    expect(second).toEqual({});
    await pass(500);
    expect(second.error).toMatchObject({ code: 'refresh-unavailable', message: /another tab/i });
    expect([task.mock.calls.length, first.signal.aborted, page.locks.waiting]).toEqual([0, false, []]);
    first.end.resolve('a');
    await settled();
    expect(first.turn).toEqual({ value: 'a' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is over soon also where the browser forgets who waits behind a holder that crashed', async () => {
    const a = tab('a');
    await a.save(record(1, { holderUntil: START + 30_000 }), 0);
    await holding(a);
    const turns = ['b', 'c', 'd'].map((name) => watched(tab(name).turn(async () => name)));
    await settled();
    page.locks.crash('a', true);
    await pass(900);
    expect(turns).toEqual([{}, {}, {}]);
    await pass(2_600);
    expect(turns).toEqual([{ value: 'b' }, { value: 'c' }, { value: 'd' }]);
    expect((await a.load())?.revision).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is as long as `lockTimeoutMs`', async () => {
    await holding(tab('a'));
    const second = watched(tab('b', 2_000).turn(async () => 'b'));
    await pass(2_000);
    expect(second.error).toMatchObject({ code: 'refresh-unavailable' });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '8000'])(
    'is a TypeError with a `lockTimeoutMs` of %s',
    (lockTimeoutMs) => {
      const options = { lockTimeoutMs: lockTimeoutMs as number };
      expect(() => webStore('session', options)).toThrow(/^lockTimeoutMs: must be a number of milliseconds/);
    },
  );

  it('is over at once when the holder crashes: its lock is free', async () => {
    const a = tab('a');
    await a.save(record(1, { holderUntil: START + 30_000 }), 0);
    await holding(a);
    const second = watched(tab('b').turn(async () => 'b'));
    await settled();
    page.locks.crash('a');
    await settled();
    expect(second).toEqual({ value: 'b' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer and no listener behind, however it ends', async () => {
    const first = await holding(tab('a'));
    const caller = new AbortController();
    const removed = vi.spyOn(caller.signal, 'removeEventListener');
    const given = watched(tab('b').turn(async () => 'b', { signal: caller.signal }));
    await settled();
    caller.abort(new Error('gave up'));
    await settled();
    expect(given.error).toEqual(new Error('gave up'));
    expect(removed).toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
    first.end.resolve('a');
  });
});

describe('webStore: a holder that is frozen', () => {
  it('is robbed where its stamp is overdue; its signal aborts, and its task runs on to its own end', async () => {
    const a = tab('a');
    await a.save(record(1, { holderUntil: START + 3_000 }), 0);
    const first = await holding(a);
    const seen: unknown[] = [];
    const b = tab('b');
    const second = watched(
      b.turn(async (signal) => {
        seen.push(signal.aborted, (await b.load())?.holderUntil);
        return 'b';
      }),
    );
    await pass(3_000);
    expect([second, first.signal.aborted]).toEqual([{}, false]);
    await pass(3_000);
    expect(second).toEqual({ value: 'b' });
    expect(first.signal.aborted).toBe(true);
    expect(first.turn).toEqual({});
    // stamped anew by the one that took it
    expect(seen).toEqual([false, expect.any(Number)]);
    expect(seen[1]).toBeGreaterThan(START + 30_000);
    first.end.resolve('at last');
    await settled();
    expect(first.turn).toEqual({ value: 'at last' });
  });

  it('is robbed by one of all who wait, and the others have their turn after that', async () => {
    const a = tab('a');
    await a.save(record(1, { holderUntil: START - 1 }), 0);
    const first = await holding(a);
    const log: string[] = [];
    const turns = ['b', 'c', 'd', 'e', 'f'].map((name) =>
      watched(
        tab(name).turn(async (signal) => {
          log.push(name);
          await settled();
          return signal.aborted;
        }),
      ),
    );
    await pass(4_000);
    expect(turns).toEqual(Array(5).fill({ value: false }));
    expect([...log].sort()).toEqual(['b', 'c', 'd', 'e', 'f']);
    expect([first.signal.aborted, (await a.load())?.revision]).toEqual([true, 2]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('saves nothing over what was written since: its revision is old', async () => {
    const a = tab('a');
    await a.save(record(1, { holderUntil: START - 1 }), 0);
    await holding(a);
    const b = tab('b');
    const second = watched(b.turn(async () => (await b.load())?.revision ?? 0));
    await pass(3_000);
    expect(second).toEqual({ value: 2 });
    expect(await a.save(record(2, { generation: 9 }), 1)).toBe(false);
    expect((await b.load())?.generation).toBe(1);
  });

  it('cannot end the turn of the one that robbed it', async () => {
    const a = tab('a');
    await a.save(record(1, { holderUntil: START - 1 }), 0);
    const first = await holding(a);
    const b = tab('b');
    const end = deferred<string>();
    const second = watched(b.turn(() => end.promise));
    await pass(3_000);
    expect(page.locks.holderOf(PLACE)).toBe('b');
    first.end.resolve('a');
    await settled();
    const third = watched(tab('c').turn(async () => 'c'));
    await settled();
    expect([page.locks.holderOf(PLACE), second, third]).toEqual(['b', {}, {}]);
    end.resolve('b');
    await settled();
    expect([second, third]).toEqual([{ value: 'b' }, { value: 'c' }]);
  });

  it('is not robbed by the stamp of one that crashed before it: it has just begun', async () => {
    const crashed = tab('x');
    await crashed.save(record(1, { holderUntil: START - 60_000 }), 0);
    const a = tab('a');
    const first = await holding(a);
    const second = watched(tab('b').turn(async () => 'b'));
    await pass(1_000);
    // its own stamp comes between the two looks
    await a.save(record(2, { holderUntil: Date.now() + 30_000 }), 1);
    await pass(7_000);
    expect(second.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(first.signal.aborted).toBe(false);
    first.end.resolve('a');
  });

  it('is not robbed while the turn goes from hand to hand', async () => {
    const a = tab('a');
    await a.save(record(1, { holderUntil: START - 60_000 }), 0);
    const stores = ['a', 'c', 'd', 'e', 'f'].map((name) => tab(name));
    const ended = deferred<string>();
    const signals: AbortSignal[] = [];
    // each keeps it for less than a second
    const chain = stores.map((store) =>
      store.turn(async (signal) => {
        signals.push(signal);
        await new Promise((resolve) => setTimeout(resolve, 900));
        return ended.promise;
      }),
    );
    ended.resolve('done');
    const last = watched(tab('b').turn(async () => 'b'));
    await pass(8_000);
    expect(last).toEqual({ value: 'b' });
    await Promise.all(chain);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false, false, false]);
  });

  it('keeps its turn where it is alive after all and writes as the lock is taken: the thief steps back', async () => {
    const a = tab('a');
    await a.save(record(1, { holderUntil: START - 1 }), 0);
    const first = await holding(a);
    const b = tab('b');
    const task = vi.fn(async () => 'b');
    const { request } = navigator.locks;
    // between the last look and the claim
    vi.spyOn(navigator.locks, 'request').mockImplementation((async (
      name: string,
      options: LockOptions,
      task: () => Promise<unknown>,
    ) => {
      if (options.steal) await a.save(record(2, { holderUntil: Date.now() + 30_000 }), 1);
      return request(name, options, task);
    }) as never);
    const second = watched(b.turn(task));
    await pass(4_000);
    expect(second.error).toMatchObject({ code: 'refresh-unavailable' });
    expect([task.mock.calls.length, first.signal.aborted]).toEqual([0, true]);
    expect((await b.load())?.revision).toBe(2);
  });

  it('is not robbed where it never said that it has the turn', async () => {
    const a = tab('a');
    await a.save(record(1), 0);
    const first = await holding(a);
    const second = watched(tab('b').turn(async () => 'b'));
    await pass(8_000);
    expect(second.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(first.signal.aborted).toBe(false);
  });

  it('is not robbed where the record cannot be read', async () => {
    const a = tab('a');
    await a.save(record(1, { holderUntil: START - 1 }), 0);
    const first = await holding(a);
    const b = tab('b');
    vi.spyOn(indexedDB, 'open').mockImplementation(() => ({}) as never);
    const second = watched(b.turn(async () => 'b'));
    await pass(8_000);
    expect(second.error).toMatchObject({ code: 'refresh-unavailable' });
    expect(first.signal.aborted).toBe(false);
  });
});
