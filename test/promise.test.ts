import { describe, expect, it } from 'vitest';
import { after, isPromise } from '../src/promise.js';

describe('after', () => {
  it('goes on at once where the value is there', () => {
    expect(after(1, (value) => value + 1)).toBe(2);
    expect(after(undefined, String)).toBe('undefined');
  });

  it('waits for any thenable, and passes its failure on', async () => {
    await expect(after(Promise.resolve(1), (value) => value + 1)).resolves.toBe(2);
    await expect(after(Promise.reject(new Error('no')), String)).rejects.toThrow('no');
  });
});

describe('isPromise', () => {
  it('goes by shape: another realm has another Promise', () => {
    const values = [undefined, null, 0, '', {}, { then: 1 }, Promise.resolve(), { then() {} }];
    expect(values.map(isPromise)).toEqual([false, false, false, false, false, false, true, true]);
  });
});
