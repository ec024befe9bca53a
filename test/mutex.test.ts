import { describe, expect, it } from 'vitest';
import { createMutex } from '../src/mutex.js';
import { deferred } from './support/deferred.js';

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
