import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SessionRecord } from '../../src/protocol/record.js';
import { fileStore } from '../../src/stores/file/file-store.js';
import { filePlace } from './file-place.ts';

const LEASE_MS = 7_000;
const record = (revision: number, id: string): SessionRecord => ({
  id,
  revision,
  generation: 1,
  boundTo: '',
});

async function holder(path: string) {
  const child = fork(fileURLToPath(new URL('file-paused-child.ts', import.meta.url)), [path], {
    execArgv: [],
  });
  const gone = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  expect((await once(child, 'message'))[0]).toBe('inside');
  return child;
}

describe('fileStore', () => {
  it('does not rob a holder that is stopped for less than its lease', async () => {
    const path = await filePlace();
    const store = fileStore(path);
    await store.save(record(1, 'first'), 0);
    const child = await holder(path);
    child.kill('SIGSTOP');
    let robbed = false;
    const next = store.turn(async () => {
      robbed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(robbed).toBe(false);
    const told = once(child, 'message');
    child.send('save');
    child.kill('SIGCONT');
    expect((await told)[0]).toEqual({ saved: true, aborted: false });
    await next;
    expect(await store.load()).toEqual(record(2, 'paused'));
  });

  it('passes the turn on after the lease, and the holder that wakes finds it lost and saves over nothing', async () => {
    const path = await filePlace();
    const store = fileStore(path);
    await store.save(record(1, 'first'), 0);
    const child = await holder(path);
    child.kill('SIGSTOP');
    const began = performance.now();
    expect(await store.turn(async () => store.save(record(2, 'next'), 1))).toBe(true);
    // It had shown life up to one beat before, which is seen as new at the first look.
    expect(performance.now() - began).toBeGreaterThan(LEASE_MS - 1_600);
    const told = once(child, 'message');
    child.send('save');
    child.kill('SIGCONT');
    expect((await told)[0]).toEqual({ saved: false, aborted: true });
    expect(await store.load()).toEqual(record(2, 'next'));
  });
});
