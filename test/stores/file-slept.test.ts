import { afterEach, describe, expect, it, vi } from 'vitest';
import { fileStore } from '../../src/stores/file/file-store.js';
import { deferred } from '../support/deferred.js';
import { filePlace } from './file-place.ts';
import { before } from './file-system.ts';

vi.mock('node:fs/promises', async () => (await import('./file-system.ts')).hooked());

afterEach(() => {
  delete before.utimes;
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The clock goes on, and no timer runs: as for a process that is stopped. */
function sleep(ms: number): void {
  const { now } = performance;
  vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + ms);
}

/** The same, where the whole machine is suspended: only the time of day goes on. */
function suspend(ms: number): void {
  const { now } = Date;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + ms);
}

const next = { id: 'anna', revision: 1, generation: 1, boundTo: '' };

describe('fileStore: a turn that is slept through', () => {
  it.each([
    ['a load', sleep, (store: ReturnType<typeof fileStore>) => store.load()],
    ['a save', sleep, (store: ReturnType<typeof fileStore>) => store.save(next, 0)],
    [
      'a load on a machine that was suspended',
      suspend,
      (store: ReturnType<typeof fileStore>) => store.load(),
    ],
  ])('is known for lost when %s is answered, before any timer runs', async (_, asleep, ask) => {
    const store = fileStore(await filePlace());
    await store.turn(async (signal) => {
      const asked = ask(store);
      asleep(5_900);
      await asked;
      expect(signal.aborted).toBe(false);
      const again = ask(store);
      vi.restoreAllMocks();
      asleep(6_100);
      await again;
      expect(signal.aborted).toBe(true);
    });
  });

  it('is known for lost where the answer is a failure', async () => {
    const path = await filePlace();
    const store = fileStore(path);
    await store.turn(async (signal) => {
      const asked = fileStore(path).save(next, 0);
      const failed = store.save({ ...next, id: 'x'.repeat(2_000_000) }, 0);
      sleep(6_100);
      await expect(failed).rejects.toMatchObject({ code: 'refresh-unavailable' });
      expect(signal.aborted).toBe(true);
      await asked;
    });
  });

  it('is none of the next one', async () => {
    const store = fileStore(await filePlace());
    await store.turn(async () => {
      await store.load();
    });
    sleep(6_100);
    await store.load();
    await store.turn(async (signal) => {
      await store.load();
      expect(signal.aborted).toBe(false);
    });
  });

  it('ends in time where no sign of life ever gets through, from before the lock was taken', async () => {
    const path = await filePlace();
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    });
    before.utimes = () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
    const done = deferred<void>();
    const inside = deferred<AbortSignal>();
    const turn = fileStore(path).turn(async (signal) => {
      inside.resolve(signal);
      await done.promise;
    });
    const signal = await inside.promise;
    await vi.advanceTimersByTimeAsync(5_900);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(signal.aborted).toBe(true);
    done.resolve();
    await turn;
  });
});
