import { afterEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../../src/session/new-id.js';

afterEach(() => vi.unstubAllGlobals());

describe('newId', () => {
  it.each([
    ['crypto.randomUUID', globalThis.crypto],
    ['a crypto without randomUUID (an insecure page)', {}],
    ['no crypto (React Native)', undefined],
  ])('makes ids that differ, with %s', (_, crypto) => {
    vi.stubGlobal('crypto', crypto);
    const ids = new Set(Array.from({ length: 1_000 }, newId));
    expect(ids.size).toBe(1_000);
    for (const id of ids) expect(id.length).toBeGreaterThan(30);
  });
});
