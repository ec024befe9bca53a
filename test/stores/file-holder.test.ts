import { spawn, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Holder, holderOf, isDead, thisProcess } from '../../src/stores/file/process-facts.js';
import { Suspicion } from '../../src/stores/file/suspicion.js';
import { filePlace } from './file-place.ts';

const self = await thisProcess();
/** One that has been. */
const gone = { ...self, pid: spawnSync('true').pid };
/** These need /proc: elsewhere there is no proof, only the lease. */
const onLinux = it.skipIf(process.platform !== 'linux');

/** Time stands still but where a test lets it go on. */
function stopClocks(): void {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
}

afterEach(() => void vi.useRealTimers());

/** A lock that this holder left, and one who waits for it. */
async function held(by: Holder | string, movedAt = new Date(), leaseMs = 60_000) {
  const path = `${await filePlace()}.turn`;
  await mkdir(path, { recursive: true });
  const file = join(path, 'holder-1');
  await writeFile(file, typeof by === 'string' ? by : JSON.stringify(by));
  await utimes(file, movedAt, movedAt);
  return { path, file, waiter: new Suspicion(path, leaseMs) };
}

describe('isDead', () => {
  onLinux('is true for a process that is gone, one whose pid is another’s now, and a zombie', async () => {
    expect(await isDead(gone)).toBe(true);
    expect(await isDead({ ...self, start: '1' })).toBe(true);
    const parent = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 15']);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)));
    const facts = async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ');
    await vi.waitFor(async () => expect((await facts())[2]).toBe('Z'), 10_000);
    expect(await isDead({ ...self, pid, start: (await facts())[21] })).toBe(true);
  });

  it('is false without proof: alive, another boot, another namespace, or nothing known', async () => {
    expect(await isDead(self)).toBe(false);
    for (const unknown of [{ boot: 'b' }, { namespace: 'n' }, { boot: undefined }, { start: undefined }])
      expect(await isDead({ ...gone, ...unknown })).toBe(false);
  });
});

describe('holderOf', () => {
  it('reads what thisProcess wrote, and nothing that could mean another process', () => {
    expect(holderOf(JSON.stringify(self))).toEqual(self);
    for (const text of ['', '{', 'null', '{}', '{"pid":0}', '{"pid":-1}', '{"pid":"1"}', '{"pid":1.5}'])
      expect(holderOf(text)).toBeUndefined();
  });
});

describe('Suspicion', () => {
  onLinux('takes the lock of a dead process away at once', async () => {
    const { path, waiter } = await held(gone);
    await writeFile(join(path, 'next-1'), 'its cargo');
    expect(await waiter.resolved()).toBe(true);
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it('waits a lease where nothing proves it, and no longer', async () => {
    stopClocks();
    for (const by of [self, { ...gone, boot: 'another' }, 'garbage']) {
      const { path, waiter } = await held(by, new Date(), 300);
      expect(await waiter.resolved()).toBe(false);
      expect(await readdir(path)).toEqual(['holder-1']);
      vi.advanceTimersByTime(299);
      expect(await waiter.resolved()).toBe(false);
      vi.advanceTimersByTime(1);
      expect(await waiter.resolved()).toBe(true);
      expect(await readdir(dirname(path))).toEqual([]);
    }
  });

  it('begins to count again whenever the holder shows life', async () => {
    stopClocks();
    const { file, waiter } = await held(self, new Date(), 400);
    for (let beats = 0; beats < 5; beats++) {
      expect(await waiter.resolved()).toBe(false);
      vi.advanceTimersByTime(399);
      await utimes(file, new Date(), new Date());
    }
    expect(await waiter.resolved()).toBe(false);
    vi.advanceTimersByTime(400);
    expect(await waiter.resolved()).toBe(true);
  });

  it('robs nobody because the whole machine slept: a lease that looks old is watched for a while', async () => {
    stopClocks();
    const anHourAgo = new Date(Date.now() - 3_600_000);
    const { file, waiter } = await held(self, anHourAgo, 10_000);
    expect(await waiter.resolved()).toBe(false);
    // it wakes up
    await utimes(file, new Date(), new Date());
    expect(await waiter.resolved()).toBe(false);
    const left = await held({ ...gone, boot: 'another' }, anHourAgo, 10_000);
    expect(await left.waiter.resolved()).toBe(false);
    vi.advanceTimersByTime(2_999);
    expect(await left.waiter.resolved()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await left.waiter.resolved()).toBe(true);
  });

  it('clears a folder that nobody holds', async () => {
    const { path, waiter } = await held(self);
    const empty = `${path}-2`;
    await mkdir(empty);
    await writeFile(join(empty, 'next-9'), '');
    expect(await new Suspicion(empty, 1_000).resolved()).toBe(true);
    expect(await new Suspicion(empty, 1_000).resolved()).toBe(true);
    expect(await waiter.resolved()).toBe(false);
  });
});
