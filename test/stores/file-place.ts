import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { TokenStore } from '../../src/session/store.js';
import { fileStore } from '../../src/stores/file/file-store.js';
import type { Faults } from './contract/tools.ts';
import { before } from './file-system.ts';

interface Made {
  readonly a: TokenStore;
  readonly b: TokenStore;
  readonly path: string;
}

/** A path in a folder of its own, which is not there yet and goes with the test. */
export async function filePlace(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-file-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'config', 'session.json');
}

export async function twoFileStores(): Promise<Made> {
  const path = await filePlace();
  return { a: fileStore(path), b: fileStore(path), path };
}

/** One has rotated its key already, with the old one still in its list; the other has both the other way round. */
export async function encryptedFileStores(): Promise<Made> {
  const path = await filePlace();
  const [old, fresh] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  return {
    a: fileStore(path, { encrypt: [fresh, old] }),
    b: fileStore(path, { encrypt: [old, fresh] }),
    path,
  };
}

export const fileFaults: Faults<Made> = {
  async put({ b, path }, text) {
    // the folder
    await b.save({ id: 'x', revision: 1, generation: 1, boundTo: '' }, 0);
    await writeFile(path, text);
  },
  /** A file where the folder was: no operation works. */
  async fail({ path }) {
    const [folder, away] = [dirname(path), `${dirname(path)}-away`];
    await rename(folder, away);
    await writeFile(folder, '');
    return async () => {
      await rm(folder);
      await rename(away, folder);
    };
  },
  /** For files that mock node:fs/promises with {@link hooked}. */
  hang() {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    before.open = before.rename = () => released;
    return () => {
      delete before.open;
      delete before.rename;
      release();
    };
  },
  lose: ({ path }) => rm(`${path}.turn`, { recursive: true }),
};
