import { spawnSync } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SessionRecord } from '../../src/protocol/record.js';
import { fileStore } from '../../src/stores/file/file-store.js';
import { takeLock } from '../../src/stores/file/lock.js';
import { thisProcess } from '../../src/stores/file/process-facts.js';
import { Suspicion } from '../../src/stores/file/suspicion.js';
import { deferred } from '../support/deferred.js';
import { filePlace } from './file-place.ts';
import { before } from './file-system.ts';

vi.mock('node:fs/promises', async () => (await import('./file-system.ts')).hooked());

const record = (revision: number, id = 'i'): SessionRecord => ({ id, revision, generation: 1, boundTo: '' });

afterEach(() => {
  vi.useRealTimers();
  for (const name of Object.keys(before) as (keyof typeof before)[]) delete before[name];
});

describe('takeLock', () => {
  it('removes only the holder who was judged: one who came meanwhile keeps the lock', async () => {
    const path = `${await filePlace()}.turn`;
    await mkdir(path, { recursive: true });
    const dead = { ...(await thisProcess()), pid: spawnSync('true').pid, start: '1' };
    await writeFile(join(path, 'holder-dead'), JSON.stringify(dead));
    const judged = deferred<void>();
    const goOn = deferred<void>();
    let first = true;
    before.unlink = (file) => {
      if (!first || basename(file) !== 'holder-dead') return undefined;
      first = false;
      judged.resolve();
      return goOn.promise;
    };
    const slow = new Suspicion(path, 100).resolved();
    await judged.promise;
    const quick = await takeLock(path, 100);
    goOn.resolve();
    expect(await slow).toBe(true);
    expect((await readdir(path)).length).toBe(1);
    expect(await quick.renew()).toBe(true);
    await quick.release();
  });

  it('gives the lock back that came to one who had given up, and leaves nothing of one who waited', async () => {
    const path = `${await filePlace()}.turn`;
    await mkdir(dirname(path));
    const waiting = new AbortController();
    before.rename = () => {
      waiting.abort(new Error('gave up'));
      return undefined;
    };
    await expect(takeLock(path, 100, { signal: waiting.signal })).rejects.toThrow('gave up');
    expect(await readdir(dirname(path))).toEqual([]);
    delete before.rename;
    const lock = await takeLock(path, 60_000);
    const signal = AbortSignal.timeout(30);
    await expect(takeLock(path, 60_000, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await readdir(dirname(path))).toEqual([basename(path)]);
    await lock.release();
  });

  it('waits where the system says EPERM because the lock is held, and fails where it means it', async () => {
    const path = `${await filePlace()}.turn`;
    await mkdir(dirname(path));
    const refused = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
    before.rename = refused;
    await expect(takeLock(path, 60_000)).rejects.toThrow('EPERM');
    delete before.rename;
    const lock = await takeLock(path, 60_000);
    let tries = 0;
    const waited = deferred<void>();
    before.rename = (_, to) => {
      if (to !== path) return undefined;
      if (++tries === 4) waited.resolve();
      return tries < 4 ? refused() : undefined;
    };
    const next = takeLock(path, 60_000);
    await waited.promise;
    await lock.release();
    await (await next).release();
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it('tries again where the lock is released just after the system said EPERM', async () => {
    const path = `${await filePlace()}.turn`;
    await mkdir(dirname(path));
    const lock = await takeLock(path, 60_000);
    let tries = 0;
    before.rename = async (_, to) => {
      if (to !== path || ++tries > 1) return;
      await lock.release();
      throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
    };
    await (await takeLock(path, 60_000)).release();
    expect(tries).toBe(2);
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it('ends nobody else’s lock, whoever releases late', async () => {
    const path = `${await filePlace()}.turn`;
    await mkdir(dirname(path));
    const robbed = await takeLock(path, 50);
    const robber = await takeLock(path, 50);
    expect(await robbed.renew()).toBe(false);
    await robbed.release();
    expect(await robber.renew()).toBe(true);
    await robber.release();
    expect(await readdir(dirname(path))).toEqual([]);
  });
});

describe('fileStore', () => {
  it('lets one who was stopped while saving write over nothing that came meanwhile', async () => {
    const path = await filePlace();
    const [slow, quick] = [fileStore(path), fileStore(path)];
    await slow.save(record(1), 0);
    const compared = deferred<void>();
    const goOn = deferred<void>();
    let first = true;
    before.rename = (_, to) => {
      if (!first || to !== path) return undefined;
      first = false;
      compared.resolve();
      return goOn.promise;
    };
    const stopped = slow.save(record(2, 'stopped'), 1);
    await compared.promise;
    expect(await quick.save(record(2, 'quick'), 1)).toBe(true);
    goOn.resolve();
    expect(await stopped).toBe(false);
    expect(await quick.load()).toEqual(record(2, 'quick'));
    expect(await readdir(dirname(path))).toEqual([basename(path)]);
  });

  it('keeps the old record whole where the disk is full, and leaves nothing beside it', async () => {
    const path = await filePlace();
    const store = fileStore(path);
    await store.save(record(1), 0);
    before.open = (file) =>
      basename(file).startsWith('next-')
        ? Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
        : undefined;
    await expect(store.save(record(2), 1)).rejects.toMatchObject({
      code: 'refresh-unavailable',
      message: "The session's file cannot be written: ENOSPC",
    });
    expect(await store.load()).toEqual(record(1));
    expect(await readdir(dirname(path))).toEqual([basename(path)]);
    delete before.open;
    expect(await store.save(record(2), 1)).toBe(true);
  });

  it('aborts the signal a second before the lease ends, where no renewal gets through', async () => {
    const path = await filePlace();
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
    });
    const done = deferred<void>();
    const inside = deferred<AbortSignal>();
    const turn = fileStore(path).turn(async (signal) => {
      inside.resolve(signal);
      await done.promise;
    });
    const signal = await inside.promise;
    before.utimes = () => new Promise(() => {});
    await vi.advanceTimersByTimeAsync(5_999);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal.aborted).toBe(true);
    done.resolve();
    await turn;
  });

  it('keeps the turn while renewals get through, however long the task takes', async () => {
    const path = await filePlace();
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
    });
    const done = deferred<void>();
    const inside = deferred<AbortSignal>();
    const turn = fileStore(path).turn(async (signal) => {
      inside.resolve(signal);
      await done.promise;
    });
    const signal = await inside.promise;
    const holder = join(`${path}.turn`, (await readdir(`${path}.turn`)).join());
    for (let beats = 0; beats < 27; beats++) {
      await vi.advanceTimersByTimeAsync(1_500);
      // The disk takes time of its own.
      while ((await stat(holder)).mtimeMs < Date.now() - 1) await new Promise(setImmediate);
    }
    expect(signal.aborted).toBe(false);
    done.resolve();
    await turn;
  });
});
