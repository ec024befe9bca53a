import { describe, it, vi } from 'vitest';
import { storeContract } from './contract.ts';
import { encryptedFileStores, fileFaults, twoFileStores } from './file-place.ts';

vi.mock('node:fs/promises', async () => (await import('./file-system.ts')).hooked());

describe('fileStore', () => {
  for (const { name, run } of storeContract(twoFileStores, fileFaults)) it(name, run);
});

describe('fileStore with encrypt', () => {
  for (const { name, run } of storeContract(encryptedFileStores, fileFaults)) it(name, run);
});
