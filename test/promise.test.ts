import { describe, expect, it } from 'vitest';
import { andThen, isPromise } from '../src/promise.js';

describe('andThen', () => {
  it('goes on at once where the value is there', () => {
    expect(andThen(1, (value) => value + 1)).toBe(2);
    expect(andThen(undefined, String)).toBe('undefined');
  });

  it('waits for any thenable, and passes its failure on', async () => {
    await expect(andThen(Promise.resolve(1), (value) => value + 1)).resolves.toBe(2);
    await expect(andThen(Promise.reject(new Error('no')), String)).rejects.toThrow('no');
  });
});

describe('isPromise', () => {
  it('goes by shape: another realm has another Promise', () => {
    const having = (member: unknown) => Object.fromEntries([['then', member]]);
    const values = [undefined, null, 0, '', {}, having(1), Promise.resolve(), having(() => {})];
    expect(values.map((value) => isPromise<unknown>(value))).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });
});
