import { afterEach, describe, it, vi } from 'vitest';
import { storeContract } from './contract.ts';
import { twoWebStores, webFaults } from './web-place.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('webStore', () => {
  for (const { name, run } of storeContract(twoWebStores, webFaults)) it(name, run);
});
