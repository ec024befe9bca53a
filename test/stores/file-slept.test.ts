import { afterEach, describe, expect, it, vi } from 'vitest';
import { fileStore } from '../../src/stores/file/file-store.js';
import { deferred } from '../support/deferred.js';
import { filePlace } from './file-place.ts';
import { before } from './file-system.ts';

vi.mock('node:fs/promises', async () => (await import('./file-system.ts')).hooked());

afterEach(() => {
  delete before.utimes;
  vi.useRealTimers();
});

/** Time stands still but where a test lets it go on: the disk takes some of its own. */
function stopClocks(): void {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
}

/** The clocks go on, and no timer runs: as for a process that is stopped. */
function sleep(ms: number): void {
  vi.advanceTimersByTime(ms);
}

/** The same, where the whole machine is suspended: only the time of day goes on. */
function suspend(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
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
    stopClocks();
    const store = fileStore(await filePlace());
    await store.turn(async (signal) => {
      const asked = ask(store);
      asleep(5_999);
      await asked;
      expect(signal.aborted).toBe(false);
      const again = ask(store);
      asleep(1);
      await again;
      expect(signal.aborted).toBe(true);
    });
  });

  it('is known for lost where the answer is a failure', async () => {
    stopClocks();
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
    stopClocks();
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
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
    });
    before.utimes = () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
    const done = deferred<void>();
    const inside = deferred<AbortSignal>();
    const turn = fileStore(path).turn(async (signal) => {
      inside.resolve(signal);
      await done.promise;
    });
    const signal = await inside.promise;
    await vi.advanceTimersByTimeAsync(5_999);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal.aborted).toBe(true);
    done.resolve();
    await turn;
  });
});
