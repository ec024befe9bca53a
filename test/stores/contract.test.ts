import { describe, expect, it } from 'vitest';
import { customStore } from '../../src/session/custom-store.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { broken } from './broken.ts';
import { storeContract } from './contract.ts';
import { textFaults, textPlace } from './text-place.ts';

const inMemory = async () => {
  const store = memoryStore();
  return { a: store, b: store };
};

/** Two stores of one text; with `lock` their turns exclude each other, yet they say that they need not. */
const ofText = (about: { lock?: boolean; async?: boolean; watch?: boolean }) => async () => {
  const place = textPlace(about.async ?? false);
  const { read, write, watch, lock } = place;
  const store = () =>
    customStore({ read, write, ...(about.lock ? { lock } : {}), ...(about.watch ? { watch } : {}) });
  return { a: store(), b: store(), place };
};

const hasty = { patienceMs: 150, quietMs: 20 };

describe('storeContract', () => {
  describe('memoryStore', () => {
    for (const { name, run } of storeContract(inMemory)) it(name, run);
  });
  describe('customStore', () => {
    for (const { name, run } of storeContract(ofText({}), textFaults)) it(name, run);
  });
  describe('customStore with a lock, over a platform that takes its time', () => {
    const cases = storeContract(ofText({ lock: true, async: true, watch: true }), textFaults);
    for (const { name, run } of cases) it(name, run);
  });
  describe('customStore without `write`', () => {
    const readOnly = async () => {
      const place = textPlace(false);
      const store = () => customStore({ read: place.read });
      return { a: store(), b: store(), place };
    };
    for (const { name, run } of storeContract(readOnly, textFaults)) it(name, run);
  });

  it('lists no case for what cannot be done to the place, instead of passing it', () => {
    const all = storeContract(ofText({}), { ...textFaults, lose: () => {} }).map(({ name }) => name);
    const few = storeContract(inMemory).map(({ name }) => name);
    expect(all.length - few.length).toBe(15);
    expect(all.filter((name) => !few.includes(name)).some((name) => name.includes('turn is lost'))).toBe(
      true,
    );
    expect(new Set(all).size).toBe(all.length);
  });

  it.each(broken)('catches $what', async ({ make, faults, caught }) => {
    const failed: string[] = [];
    const cases = storeContract(make, faults, hasty);
    for (const { name, run } of cases)
      await run().catch((error: Error) => failed.push(`${name}: ${error.message}`));
    expect(failed).toEqual(expect.arrayContaining([expect.stringMatching(caught)]));
  });

  it('finds nothing in a store that is whole, with the same short patience', async () => {
    for (const { run } of storeContract(ofText({ async: true }), textFaults, {
      patienceMs: 300,
      quietMs: 20,
    }))
      await run();
  });
});
