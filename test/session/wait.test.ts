import { afterEach, describe, expect, it, vi } from 'vitest';
import { reasonOf, unlessAborted, within } from '../../src/session/wait.js';
import { deferred } from '../support/deferred.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('unlessAborted', () => {
  it('rejects with the reason of a signal that is aborted already, and leaves a later failure to nobody', async () => {
    const reason = new Error('gone');
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    await expect(unlessAborted(Promise.reject(new Error('late')), AbortSignal.abort(reason))).rejects.toBe(
      reason,
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('leaves no listener behind', async () => {
    const controller = new AbortController();
    const removed = vi.spyOn(controller.signal, 'removeEventListener');
    expect(await unlessAborted(Promise.resolve(1), controller.signal)).toBe(1);
    expect(removed).toHaveBeenCalledTimes(1);
  });
});

describe('reasonOf', () => {
  it('makes an AbortError for signals that have no reason', () => {
    expect(reasonOf({ aborted: true } as AbortSignal)).toMatchObject({ name: 'AbortError' });
  });
});

describe('within', () => {
  it('rejects when the time is over, and heeds nothing that comes later', async () => {
    vi.useFakeTimers();
    const work = deferred<number>();
    const waiting = expect(within(work.promise, 50, () => new Error('late'))).rejects.toThrow('late');
    await vi.advanceTimersByTimeAsync(50);
    await waiting;
    work.resolve(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer behind', async () => {
    vi.useFakeTimers();
    expect(await within(Promise.resolve(1), 50, () => new Error('late'))).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
