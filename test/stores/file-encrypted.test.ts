import { copyFile, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import { createSession } from '../../src/session/session.js';
import { type FileStoreOptions, fileStore } from '../../src/stores/file/file-store.js';
import { filePlace } from './file-place.ts';

const key = (seed: number) => Uint8Array.from({ length: 32 }, (_, i) => (seed * 37 + i * 11) % 256);
const [old, fresh] = [key(1), key(2)];
const record = (revision: number, id = 'anna'): SessionRecord => ({
  id,
  revision,
  generation: revision,
  boundTo: '',
  tokens: { accessToken: `${id}-at-${revision}`, refreshToken: `${id}-rt-${revision}` },
});
const unopened = (revision: number) => ({ name: 'UnopenedRecordError', revision });

function sessionOf(path: string, options?: FileStoreOptions) {
  const events: SessionEvent[] = [];
  let refreshes = 0;
  const session = createSession({
    store: fileStore(path, options),
    refresh: async ({ held }) => {
      refreshes++;
      const n = Number(held.refreshToken?.split('-').at(-1)) + 1;
      return { accessToken: `anna-at-${n}`, refreshToken: `anna-rt-${n}` };
    },
    observe: (event) => events.push(event),
  });
  return { session, events, refreshes: () => refreshes };
}

describe('fileStore with encrypt', () => {
  it('throws a TypeError for a key that is none: a key that was not found is no plain text', async () => {
    const path = await filePlace();
    for (const encrypt of [undefined, null, '', 'secret', new Uint8Array(16), []])
      expect(() => fileStore(path, { encrypt } as never)).toThrow(/^encrypt: /);
    expect(() => fileStore(path, 5 as never)).toThrow(new TypeError('options: must be an object'));
  });

  it('leaves nothing of the tokens in the file', async () => {
    const path = await filePlace();
    await fileStore(path, { encrypt: old }).save(record(1), 0);
    const text = await readFile(path, 'latin1');
    expect(text).toMatch(/^latchkey-sealed-1\.1\.[\w-]{16}\.[\w-]+$/);
    expect(Buffer.from(text.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain('anna');
  });

  it('shows nothing of its key', async () => {
    const store = fileStore(await filePlace(), { encrypt: Buffer.from('0123456789abcdef0123456789abcdef') });
    const session = createSession({ store });
    const shown = inspect([store, session], { depth: 9, showHidden: true });
    for (const known of ['0123', '30 31', '48, 49', 'MDEy']) expect(shown).not.toContain(known);
    await session.close();
  });

  it('does not open the file of another user that was put in its place', async () => {
    const [anna, bert] = [await filePlace(), await filePlace()];
    const store = fileStore(anna, { encrypt: old });
    await store.save(record(1), 0);
    await fileStore(bert, { encrypt: old }).save(record(1, 'bert'), 0);
    await copyFile(bert, anna);
    await expect(store.load()).rejects.toMatchObject(unopened(1));
  });

  it('does not open a file that was moved, and opens it where it was again', async () => {
    const path = await filePlace();
    await fileStore(path, { encrypt: old }).save(record(1), 0);
    const away = join(dirname(path), 'moved.json');
    await rename(path, away);
    await expect(fileStore(away, { encrypt: old }).load()).rejects.toMatchObject(unopened(1));
    await rename(away, path);
    expect(await fileStore(path, { encrypt: old }).load()).toEqual(record(1));
  });

  it('is one place by whatever link or folder it is named', async () => {
    const path = await filePlace();
    await fileStore(path, { encrypt: old }).save(record(1), 0);
    const folder = `${dirname(path)}-link`;
    await symlink(dirname(path), folder);
    const link = join(dirname(path), 'link.json');
    await symlink('session.json', link);
    for (const name of [join(folder, 'session.json'), link, join(folder, 'link.json')]) {
      const store = fileStore(name, { encrypt: old });
      const found = await store.load();
      expect(await store.save(record((found?.revision ?? 0) + 1), found?.revision ?? 0), name).toBe(true);
    }
    expect(await fileStore(path, { encrypt: old }).load()).toEqual(record(4));
  });

  it('opens what an old key sealed, and seals it with the new one at the next save', async () => {
    const path = await filePlace();
    await fileStore(path, { encrypt: old }).save(record(1), 0);
    const { session, refreshes } = sessionOf(path, { encrypt: [fresh, old] });
    expect((await session.token()).accessToken).toBe('anna-at-1');
    await session.refresh();
    await session.close();
    expect(refreshes()).toBe(1);
    expect(await fileStore(path, { encrypt: fresh }).load()).toMatchObject({
      tokens: { accessToken: 'anna-at-2' },
    });
    await expect(fileStore(path, { encrypt: old }).load()).rejects.toMatchObject({
      name: 'UnopenedRecordError',
    });
  });

  it.each<[string, FileStoreOptions | undefined, FileStoreOptions | undefined, RegExp]>([
    ['the old key is missing', { encrypt: old }, { encrypt: fresh }, /cannot be decrypted/],
    ['there is no key any more', { encrypt: old }, undefined, /is encrypted, and the store was given no key/],
    ['it is still plain text', undefined, { encrypt: fresh }, /is plain text, and the store encrypts/],
  ])('where %s a session says so and writes over nothing; a sign-in does', async (_, before, after, why) => {
    const path = await filePlace();
    await fileStore(path, before).save(record(5), 0);
    const text = await readFile(path, 'utf8');
    const { session, events, refreshes } = sessionOf(path, after);
    for (const call of [() => session.ready(), () => session.token(), () => session.refresh()])
      await expect(call()).rejects.toMatchObject({ code: 'refresh-unavailable', message: why });
    expect(events).toEqual([{ type: 'store-degraded', at: expect.any(Number), reason: 'unopened' }]);
    expect([await readFile(path, 'utf8'), refreshes()]).toEqual([text, 0]);
    // Another one with the right key goes on meanwhile.
    expect(await fileStore(path, before).load()).toEqual(record(5));
    await session.signIn({ accessToken: 'bert-at-1' });
    await session.close();
    const found = await fileStore(path, after).load();
    expect(found).toMatchObject({ revision: 6, tokens: { accessToken: 'bert-at-1' } });
  });

  it('does not lose the session of one who is signed in with a key that others do not have yet', async () => {
    const path = await filePlace();
    const behind = sessionOf(path, { encrypt: old });
    await behind.session.signIn({ accessToken: 'anna-at-1', refreshToken: 'anna-rt-1' });
    const ahead = sessionOf(path, { encrypt: [fresh, old] });
    await ahead.session.refresh();
    await expect(behind.session.refresh()).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(behind.refreshes()).toBe(0);
    const found = await fileStore(path, { encrypt: fresh }).load();
    expect(found?.tokens).toMatchObject({ accessToken: 'anna-at-2', refreshToken: 'anna-rt-2' });
    await behind.session.close();
    await ahead.session.close();
  });

  it('takes plain text over where the list says so', async () => {
    const path = await filePlace();
    await fileStore(path).save(record(1), 0);
    const { session } = sessionOf(path, { encrypt: [fresh, 'plaintext'] });
    await session.refresh();
    await session.close();
    expect(await fileStore(path, { encrypt: fresh }).load()).toMatchObject({
      tokens: { accessToken: 'anna-at-2' },
    });
  });

  it('compares and sets by the revision of what it cannot open', async () => {
    const path = await filePlace();
    await fileStore(path, { encrypt: old }).save(record(5), 0);
    for (const store of [fileStore(path, { encrypt: fresh }), fileStore(path)]) {
      for (const revision of [0, 4, 6]) expect(await store.save(record(9, 'bert'), revision)).toBe(false);
    }
    expect(await fileStore(path, { encrypt: fresh }).save(record(6, 'bert'), 5)).toBe(true);
  });

  it.each([[undefined], [{ encrypt: old }]])(
    'refuses a record that it could not read again (%#)',
    async (options) => {
      const path = await filePlace();
      const store = fileStore(path, options);
      await store.save(record(1), 0);
      const large = { ...record(2), tokens: { accessToken: 'a'.repeat(1_100_000) } };
      await expect(store.save(large, 1)).rejects.toMatchObject({ code: 'refresh-unavailable' });
      expect(await store.load()).toEqual(record(1));
    },
  );

  it('takes garbage for nothing, as without keys', async () => {
    const path = await filePlace();
    await mkdir(dirname(path));
    await writeFile(path, 'latchkey-sealed-1.7.truncat');
    const store = fileStore(path, { encrypt: old });
    await expect(store.load()).rejects.toMatchObject({ name: 'UnreadableRecordError' });
    expect(await store.save(record(1), 0)).toBe(true);
  });
});
