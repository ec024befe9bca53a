import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import { createSession } from '../../src/session/session.js';
import { fileStore } from '../../src/stores/file/file-store.js';
import { filePlace } from './file-place.ts';

const record = (revision: number, id = 'i'): SessionRecord => ({ id, revision, generation: 1, boundTo: '' });
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
/** A place whose folder is there. */
async function place(text?: string | Uint8Array): Promise<string> {
  const path = await filePlace();
  await mkdir(dirname(path));
  if (text !== undefined) await writeFile(path, text);
  return path;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('fileStore', () => {
  it('throws a TypeError where the path is none', () => {
    for (const path of [undefined, '', 5, new URL('file:///x'), 'a\0b'])
      expect(() => fileStore(path as never)).toThrow(new TypeError('path: must be the path of a file'));
    expect(() => fileStore('~/.config/tool/session.json')).toThrow(/^path: `~` is the shell's/);
    expect(() => fileStore('~tool.json')).not.toThrow();
  });

  it('is readable by its user alone, whatever the umask, and so is the folder that it makes', async () => {
    const path = await filePlace();
    const umask = process.umask(0);
    try {
      await fileStore(path).save(record(1), 0);
    } finally {
      process.umask(umask);
    }
    expect([await modeOf(path), await modeOf(dirname(path))]).toEqual(['600', '700']);
  });

  it('closes a file that others could read, and leaves the mode of a folder that was there', async () => {
    const path = await place('');
    await chmod(path, 0o644);
    await chmod(dirname(path), 0o755);
    expect(await fileStore(path).save(record(1), 0)).toBe(true);
    expect([await modeOf(path), await modeOf(dirname(path))]).toEqual(['600', '755']);
  });

  it('leaves nothing beside the file', async () => {
    const path = await filePlace();
    const store = fileStore(path);
    await store.turn(() => Promise.resolve(store.save(record(1), 0)));
    await store.save(record(5), 2);
    await expect(store.turn(() => Promise.reject(new Error('task')))).rejects.toThrow('task');
    expect(await readdir(dirname(path))).toEqual([basename(path)]);
  });

  it('replaces what a link of the user points to, and keeps the link', async () => {
    const path = await place();
    const link = join(dirname(path), 'link.json');
    await symlink(basename(path), link);
    expect(await fileStore(link).load()).toBeUndefined();
    expect(await fileStore(link).save(record(1), 0)).toBe(true);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await fileStore(path).load()).toEqual(record(1));
    expect(await fileStore(path).save(record(2), 1)).toBe(true);
    expect(await fileStore(link).load()).toEqual(record(2));
  });

  it('is one file by whatever chain of links it is named, also out of a folder that is a link', async () => {
    const path = await place();
    const [outer, folder] = [dirname(dirname(path)), dirname(path)];
    await mkdir(join(outer, 'mnt', 'deep'), { recursive: true });
    await symlink(join(outer, 'mnt', 'deep'), join(outer, 'home'));
    // From where the folder is, not from where its link is.
    await symlink('../second.json', join(outer, 'mnt', 'deep', 'first.json'));
    await symlink('../config/session.json', join(outer, 'mnt', 'second.json'));
    const [named, direct] = [fileStore(join(outer, 'home', 'first.json')), fileStore(path)];
    expect(await named.save(record(1), 0)).toBe(true);
    expect(await direct.load()).toEqual(record(1));
    expect(await direct.save(record(2), 1)).toBe(true);
    expect(await named.load()).toEqual(record(2));
    expect(await readdir(folder)).toEqual(['session.json']);
    let inside = 0;
    const turn = (store: ReturnType<typeof fileStore>) =>
      store.turn(async () => {
        expect(++inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 30));
        inside--;
      });
    await Promise.all([turn(named), turn(direct), turn(named), turn(direct)]);
  });

  it('fails where links lead in a circle', async () => {
    const path = await place();
    const [a, b] = [join(dirname(path), 'a'), join(dirname(path), 'b')];
    await symlink(a, b);
    await symlink(b, a);
    for (const work of [() => fileStore(a).load(), () => fileStore(a).save(record(1), 0)])
      await expect(work()).rejects.toMatchObject({ code: 'refresh-unavailable' });
  });

  it('says which error of the system stands in the way, in an error of ours', async () => {
    const path = await place();
    await writeFile(path, 'a file where a folder should be');
    const store = fileStore(join(path, 'session.json'));
    await expect(store.load()).rejects.toMatchObject({
      code: 'refresh-unavailable',
      message: "The session's file cannot be read: ENOTDIR",
    });
    await expect(store.save(record(1), 0)).rejects.toMatchObject({
      code: 'refresh-unavailable',
      message: "The session's file cannot be written: ENOTDIR",
    });
  });

  it('follows no link of another user', async () => {
    const path = await place('theirs');
    const link = join(dirname(path), 'link.json');
    await symlink(path, link);
    const uid = process.getuid?.() ?? 0;
    vi.spyOn(process, 'getuid').mockReturnValue(uid + 1);
    await expect(fileStore(link).load()).rejects.toThrow('symbolic link of another user');
    await expect(fileStore(link).save(record(1), 0)).rejects.toThrow('symbolic link of another user');
    expect(await readFile(path, 'utf8')).toBe('theirs');
  });

  it('fails where the path is a folder or a pipe, at once', async () => {
    const path = await place();
    const pipe = join(dirname(path), 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const other of [dirname(path), pipe]) {
      await expect(fileStore(other).load()).rejects.toThrow('no file');
      await expect(fileStore(other).save(record(1), 0)).rejects.toThrow('no file');
    }
    expect(await readdir(dirname(path))).toEqual(['pipe']);
  });

  it.each([
    ['empty', ''],
    ['of bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])],
    ['larger than any record', 'x'.repeat(1_048_577)],
  ])('does not read a file that is %s', async (_, text) => {
    const path = await place(text);
    await expect(fileStore(path).load()).rejects.toMatchObject({ name: 'UnreadableRecordError' });
  });

  it('reads no part of a token, wherever the file ends', async () => {
    const path = await filePlace();
    const store = fileStore(path);
    const tokens = { accessToken: 'at-secret', refreshToken: 'rt-secret' };
    await store.save({ ...record(1), tokens }, 0);
    const { size } = await stat(path);
    for (let length = size - 1; length >= 0; length--) {
      await truncate(path, length);
      await expect(store.load(), `${length}`).rejects.toMatchObject({ name: 'UnreadableRecordError' });
    }
  });

  it('tells a session of a corrupt file, which a sign-in writes over', async () => {
    const path = await place('{"v":1,"id":"i","tokens":{"accessToken":"at-sec');
    const events: SessionEvent[] = [];
    const session = createSession({ store: fileStore(path), observe: (event) => events.push(event) });
    expect((await session.ready()).status).toBe('signed-out');
    expect(events).toMatchObject([{ type: 'store-degraded', reason: 'unreadable' }]);
    await session.signIn({ accessToken: 'at-1' });
    await session.close();
    const again = createSession({ store: fileStore(path) });
    expect((await again.token()).accessToken).toBe('at-1');
    await again.close();
  });

  it('is RefreshUnavailableError for a session where the place cannot be read or written', async () => {
    const path = await place();
    const store = fileStore(join(path, 'session.json'));
    await writeFile(path, 'a file where a folder should be');
    const session = createSession({ store, refresh: async () => null });
    await expect(session.ready()).rejects.toMatchObject({
      code: 'refresh-unavailable',
      message: "The session's file cannot be read: ENOTDIR",
    });
    await session.close();
  });

  it('removes what killed processes prepared long ago, and nothing else', async () => {
    const path = await place();
    const old = new Date(Date.now() - 3_600_000);
    const names = ['session.json.save-1', 'session.json.turn-2', 'other.json.save-3', 'session.json.bak'];
    for (const name of [...names, 'session.json.save-young']) {
      await mkdir(join(dirname(path), name));
      await writeFile(join(dirname(path), name, 'next-1'), 'rt-secret');
      if (name !== 'session.json.save-young') await utimes(join(dirname(path), name), old, old);
    }
    await fileStore(path).save(record(1), 0);
    expect(await readdir(dirname(path))).toEqual([
      'other.json.save-3',
      'session.json',
      'session.json.bak',
      'session.json.save-young',
    ]);
  });

  it('watches a folder that is not there yet, and tells nobody who has stopped', async () => {
    const path = await filePlace();
    const [watching, writing] = [fileStore(path), fileStore(path)];
    const told = vi.fn();
    const stop = watching.watch?.(told);
    await writing.save(record(1), 0);
    await vi.waitFor(() => expect(told).toHaveBeenCalled(), 20_000);
    stop?.();
    told.mockClear();
    await writing.save(record(2), 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told).not.toHaveBeenCalled();
  });

  it('looks by itself where the system tells of nothing', async () => {
    vi.stubGlobal('Deno', {});
    onTestFinished(() => void vi.unstubAllGlobals());
    const path = await place();
    const link = join(dirname(path), 'link.json');
    await symlink(path, link);
    const told = vi.fn();
    const stop = fileStore(link).watch?.(told);
    await fileStore(path).save(record(1), 0);
    await vi.waitFor(() => expect(told).toHaveBeenCalledOnce(), 20_000);
    stop?.();
  });

  it('keeps no process alive: neither a watch nor a turn that was left', async () => {
    const path = await filePlace();
    const code = `
      import { fileStore } from 'latchkey/stores/file';
      const store = fileStore(process.argv[1]);
      store.watch(() => {});
      await store.save({ id: 'i', revision: 1, generation: 1, boundTo: '' }, 0);
      store.turn(() => new Promise(() => {}));
      await new Promise((resolve) => setTimeout(resolve, 200));
      console.log('over');`;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', code, path], {
      encoding: 'utf8',
      timeout: 15_000,
    });
    expect(out).toBe('over\n');
    // The process is dead: nobody waits for its lease.
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
    expect(await fileStore(path).turn(async () => 'next')).toBe('next');
  });
});
