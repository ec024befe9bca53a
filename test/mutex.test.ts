import { describe, expect, it, vi } from 'vitest';
import { createMutex } from '../src/mutex.js';
import { deferred } from './support/deferred.js';
import { endingRequests } from './support/races-requests.js';
import { flush, pass, raceClock, watch } from './support/races-tools.js';

describe('createMutex', () => {
  it('starts a task in the same tick when it is free', () => {
    let started = false;
    createMutex()(async () => {
      started = true;
    });
    expect(started).toBe(true);
  });

  it('runs one task at a time, in the order in which they came', async () => {
    const run = createMutex();
    const log: string[] = [];
    const gates = [1, 2, 3].map(() => deferred<void>());
    const runs = gates.map((gate, i) =>
      run(async () => {
        log.push(`begin ${i}`);
        await gate.promise;
        log.push(`end ${i}`);
      }),
    );
    gates[2]?.resolve();
    gates[1]?.resolve();
    await Promise.resolve();
    expect(log).toEqual(['begin 0']);
    gates[0]?.resolve();
    await Promise.all(runs);
    expect(log).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('is freed by a task that fails, at once or later', async () => {
    const run = createMutex();
    const failures = [
      run(() => {
        throw new Error('at once');
      }),
      run(async () => Promise.reject(new Error('later'))),
    ];
    const last = run(async () => 'ran');
    await expect(failures[0]).rejects.toThrow('at once');
    await expect(failures[1]).rejects.toThrow('later');
    expect(await last).toBe('ran');
    let started = false;
    await Promise.resolve();
    run(async () => {
      started = true;
    });
    expect(started).toBe(true);
  });

  it('lets who waits leave the queue with the reason of its signal', async () => {
    const run = createMutex();
    const gate = deferred<void>();
    const first = run(() => gate.promise);
    const leaver = new AbortController();
    let ran = false;
    const second = run(async () => {
      ran = true;
    }, leaver.signal);
    const third = run(async () => 'third');
    leaver.abort('enough');
    await expect(second).rejects.toBe('enough');
    gate.resolve();
    await first;
    expect(await third).toBe('third');
    expect(ran).toBe(false);
  });

  it('starts nothing for a signal that has aborted', async () => {
    const run = createMutex();
    let ran = false;
    const refused = run(async () => {
      ran = true;
    }, AbortSignal.abort('before'));
    await expect(refused).rejects.toBe('before');
    expect(ran).toBe(false);
    expect(await run(async () => 'free')).toBe('free');
  });

  it('leaves a task alone whose signal aborts after it began, and keeps no listener', async () => {
    const run = createMutex();
    const gate = deferred<string>();
    const controller = new AbortController();
    const first = run(() => gate.promise, controller.signal);
    const second = run(async () => 'second', controller.signal);
    gate.resolve('done');
    expect(await first).toBe('done');
    expect(await second).toBe('second');
    controller.abort('late');
    expect(await run(async () => 'third')).toBe('third');
  });
});

describe('createMutex where work ends with its request', () => {
  raceClock();
  const request = endingRequests();

  it('starts a task in the request that waited for it, whoever hands over', async () => {
    const run = createMutex();
    const gate = deferred<void>();
    const [first, second] = [request(), request()];
    watch(first.run(() => run(() => gate.promise)));
    const slept = vi.fn();
    const waiting = watch(
      second.run(() => run(() => new Promise<void>((resolve) => setTimeout(resolve, 100)).then(slept))),
    );
    gate.resolve();
    await flush();
    first.end();
    await pass(100);
    expect([slept.mock.calls.length, waiting.state]).toEqual([1, 'fulfilled']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('runs one task at a time, in the order in which they came, also after one that failed', async () => {
    const run = createMutex();
    const log: number[] = [];
    const tasks = [1, 2, 3].map((n) =>
      watch(
        request().run(() =>
          run(async () => {
            log.push(n);
            await new Promise((resolve) => setTimeout(resolve, 10));
            log.push(-n);
            if (n === 1) throw new Error('first');
          }),
        ),
      ),
    );
    await pass(30);
    expect(log).toEqual([1, -1, 2, -2, 3, -3]);
    expect(tasks.map(({ state }) => state)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  it('passes over a holder whose request has ended: one of those who wait begins, the others wait for that one', async () => {
    const run = createMutex();
    const first = request();
    watch(first.run(() => run(() => new Promise(() => {}))));
    const gates = [deferred<string>(), deferred<string>()];
    const begun = vi.fn();
    const others = gates.map((gate) =>
      watch(
        request().run(() =>
          run(() => {
            begun();
            return gate.promise;
          }),
        ),
      ),
    );
    first.end();
    await pass(1_600);
    expect(begun).toHaveBeenCalledTimes(1);
    gates[0]?.resolve('a');
    gates[1]?.resolve('b');
    await flush();
    expect(others.map(({ value }) => value)).toEqual(['a', 'b']);
  });

  it('is not freed for a second one by a task that was passed over and ends after all', async () => {
    const run = createMutex();
    const [late, gate] = [deferred<void>(), deferred<void>()];
    const first = request();
    watch(first.run(() => run(() => late.promise)));
    first.end();
    await pass(2_000);
    const second = watch(request().run(() => run(() => gate.promise)));
    await pass(100);
    const begun = vi.fn(async () => {});
    watch(request().run(() => run(begun)));
    late.resolve();
    await pass(1_000);
    expect([second.state, begun.mock.calls.length]).toEqual(['pending', 0]);
    gate.resolve();
    await flush();
    expect(begun).toHaveBeenCalledTimes(1);
  });

  it('lets who waits leave with the reason of its signal', async () => {
    const run = createMutex();
    watch(run(() => new Promise(() => {})));
    const leaver = new AbortController();
    const waiting = watch(run(async () => 'ran', leaver.signal));
    leaver.abort('enough');
    await flush();
    expect(waiting.error).toBe('enough');
  });
});
