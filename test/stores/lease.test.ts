import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Lease, leasedTurns } from '../../src/stores/lease.js';
import { deferred } from '../support/deferred.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const leaseMs = 3_000;

function server() {
  const log: string[] = [];
  const lease = {
    take: vi.fn<Lease['take']>(async () => 0),
    renew: vi.fn<Lease['renew']>(async () => true),
    release: vi.fn<Lease['release']>(async () => log.push('release')),
  };
  return { log, lease, turns: leasedTurns(lease, leaseMs) };
}
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A turn that lasts until it is ended. */
function begin(turns: ReturnType<typeof leasedTurns>, options?: { signal?: AbortSignal }) {
  const gate = deferred<string>();
  const seen: { signal?: AbortSignal } = {};
  const done = turns.turn(async (signal) => {
    seen.signal = signal;
    return gate.promise;
  }, options);
  done.catch(() => {});
  return { seen, done, end: () => gate.resolve('done') };
}

describe('leasedTurns', () => {
  it('renews at a third of the lease while the task runs, and never afterwards', async () => {
    const { lease, turns } = server();
    const { seen, done, end } = begin(turns);
    await later(10_500);
    expect(lease.renew).toHaveBeenCalledTimes(10);
    expect(seen.signal?.aborted).toBe(false);
    end();
    expect(await done).toBe('done');
    await later(10_000);
    expect(lease.renew).toHaveBeenCalledTimes(10);
    expect(lease.release).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('aborts the signal before the lease can be lost, counted from before it was asked for', async () => {
    const { lease, turns } = server();
    const answer = deferred<number>();
    lease.take.mockReturnValue(answer.promise);
    lease.renew.mockRejectedValue(new Error('no connection'));
    const { seen } = begin(turns);
    await later(2_000);
    answer.resolve(0);
    await later(690);
    expect(seen.signal?.aborted).toBe(false);
    await later(20);
    expect(seen.signal?.aborted).toBe(true);
  });

  it('goes on where a renewal failed and a later one did not', async () => {
    const { lease, turns } = server();
    lease.renew.mockRejectedValueOnce(new Error('no connection'));
    const { seen } = begin(turns);
    await later(20_000);
    expect(seen.signal?.aborted).toBe(false);
  });

  it('aborts the signal where renewals hang', async () => {
    const { lease, turns } = server();
    lease.renew.mockReturnValue(new Promise(() => {}));
    const { seen } = begin(turns);
    await later(2_750);
    expect(seen.signal?.aborted).toBe(true);
  });

  it('aborts the signal at once where another has the lease', async () => {
    const { lease, turns } = server();
    lease.renew.mockResolvedValue(false);
    const { seen } = begin(turns);
    await later(1_001);
    expect(seen.signal?.aborted).toBe(true);
    expect(lease.renew).toHaveBeenCalledTimes(1);
  });

  it('notices a sleep when it acts, before a timer does', async () => {
    const { turns } = server();
    const { seen } = begin(turns);
    await later(10);
    turns.check();
    expect(seen.signal?.aborted).toBe(false);
    vi.setSystemTime(Date.now() + leaseMs);
    turns.check();
    expect(seen.signal?.aborted).toBe(true);
  });

  it('renews before anything is spent with a lease that is not as good as new', async () => {
    const { lease, turns } = server();
    const { seen } = begin(turns);
    await later(900);
    await turns.confirm();
    expect(lease.renew).not.toHaveBeenCalled();
    lease.renew.mockRejectedValueOnce(new Error('no connection'));
    await later(150);
    expect(lease.renew).toHaveBeenCalledTimes(1);
    await turns.confirm();
    expect(lease.renew).toHaveBeenCalledTimes(2);
    await turns.confirm();
    expect(lease.renew).toHaveBeenCalledTimes(2);
    expect(seen.signal?.aborted).toBe(false);
  });

  it('gives the turn up where half the lease is over and it cannot be renewed, before anything is spent', async () => {
    const { lease, turns } = server();
    const { seen } = begin(turns);
    lease.renew.mockRejectedValue(new Error('no connection'));
    await later(1_400);
    await turns.confirm();
    expect(seen.signal?.aborted).toBe(false);
    await later(100);
    await turns.confirm();
    expect(seen.signal?.aborted).toBe(true);
  });

  it('confirms nothing where nobody has the turn', async () => {
    const { lease, turns } = server();
    await turns.confirm();
    turns.check();
    expect(lease.renew).not.toHaveBeenCalled();
  });

  it('asks at once where a release was told of while it asked', async () => {
    const { lease, turns } = server();
    const answer = deferred<number>();
    lease.take.mockReturnValueOnce(answer.promise);
    const { seen } = begin(turns);
    turns.wake();
    answer.resolve(60_000);
    await later(0);
    expect(lease.take).toHaveBeenCalledTimes(2);
    expect(seen.signal?.aborted).toBe(false);
  });

  it('gives back a lease whose answer came too late, and asks again', async () => {
    const { lease, turns } = server();
    lease.take.mockImplementationOnce(() => new Promise((resolve) => setTimeout(resolve, 2_900, 0)));
    const { seen } = begin(turns);
    await later(2_899);
    expect(seen.signal).toBeUndefined();
    await later(2);
    expect(lease.release).toHaveBeenCalledTimes(1);
    expect(seen.signal?.aborted).toBe(false);
  });

  it('asks less and less often, at once when it is released, and never after it was to lapse', async () => {
    const { lease, turns } = server();
    lease.take.mockResolvedValue(60_000);
    const { seen } = begin(turns);
    await later(10_000);
    const polls = lease.take.mock.calls.length;
    expect(polls).toBeGreaterThan(8);
    expect(polls).toBeLessThan(30);
    lease.take.mockResolvedValue(0);
    turns.wake();
    await later(0);
    expect(seen.signal?.aborted).toBe(false);
    turns.wake();
  });

  it('asks again when the lease of another lapses', async () => {
    const { lease, turns } = server();
    lease.take.mockResolvedValueOnce(7);
    const { seen } = begin(turns);
    await later(8);
    expect(seen.signal?.aborted).toBe(false);
  });

  it('ends the wait with its signal: while it sleeps, and while it asks', async () => {
    const { lease, turns } = server();
    lease.take.mockResolvedValueOnce(60_000);
    const first = new AbortController();
    const sleeping = begin(turns, { signal: first.signal });
    await later(1);
    first.abort('enough');
    await expect(sleeping.done).rejects.toBe('enough');
    const answer = deferred<number>();
    lease.take.mockReturnValueOnce(answer.promise);
    const second = new AbortController();
    const asking = begin(turns, { signal: second.signal });
    second.abort('enough');
    await expect(asking.done).rejects.toBe('enough');
    expect(lease.release).not.toHaveBeenCalled();
    answer.resolve(0);
    await later(0);
    expect(lease.release).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tries three times where asking fails, and once where it hangs', async () => {
    const { lease, turns } = server();
    lease.take.mockRejectedValueOnce(new Error('reset'));
    const well = begin(turns);
    await later(200);
    well.end();
    expect(await well.done).toBe('done');
    lease.take.mockRejectedValue(new Error('down'));
    const down = begin(turns);
    await later(1_000);
    await expect(down.done).rejects.toThrow('down');
    expect(lease.take).toHaveBeenCalledTimes(5);
    lease.take.mockReturnValue(new Promise(() => {}));
    const hung = begin(turns);
    await later(3_001);
    await expect(hung.done).rejects.toThrow('in time');
    expect(lease.take).toHaveBeenCalledTimes(6);
  });

  it('settles as the task does where the lease cannot be released', async () => {
    const { lease, turns } = server();
    lease.release.mockRejectedValueOnce(new Error('down'));
    await expect(turns.turn(async () => Promise.reject(new Error('task')))).rejects.toThrow('task');
    lease.release.mockReturnValueOnce(new Promise(() => {}));
    const { done, end } = begin(turns);
    end();
    await later(1_001);
    expect(await done).toBe('done');
  });
});
