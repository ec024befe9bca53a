import { describe, expect, it } from 'vitest';
import { instantOf, isInstant } from '../../src/protocol/lifetime.js';

describe('isInstant', () => {
  it('is what a Date can hold', () => {
    expect([0, -1, 0.5, 8.64e15].map(isInstant)).toEqual([true, true, true, true]);
    expect([Number.NaN, Number.POSITIVE_INFINITY, 9e15, '5', null, undefined].some(isInstant)).toBe(false);
  });
});

describe('instantOf', () => {
  it('takes a number below 10^11 for seconds', () => {
    expect(instantOf(1e11 - 1)).toBeNaN();
    expect(instantOf(1e11)).toBe(1e11);
  });
});
