import { describe, expect, it } from 'vitest';
import { lineOf, linesOf, setsAuthorization, withCredentials } from '../../src/fetch/headers.js';
import { quickInit } from '../../src/fetch/quick.js';

/** As React Native's: no iterator. */
class HeadersWithoutIterator {
  has = () => true;
  readonly #name: string;
  constructor(name: string) {
    this.#name = name;
  }
  forEach(callback: (value: string, name: string) => void): void {
    callback('b', this.#name);
  }
}

const key = { headers: { 'X-Key': 'new' } };

describe('headers', () => {
  it('finds Authorization in every shape, and nothing like it', () => {
    expect(setsAuthorization(linesOf(new HeadersWithoutIterator('authorization') as never))).toBe(true);
    expect(setsAuthorization(linesOf(new Map([['AuthoriZation', 'x']]) as never))).toBe(true);
    expect(setsAuthorization({ authorizatiom: 'x', 'proxy-authorization': 'x' })).toBe(false);
    expect(setsAuthorization(linesOf([['a', 'b']]))).toBe(false);
  });

  it('makes an object of every shape, and hands an object on as it is', () => {
    expect(linesOf(new HeadersWithoutIterator('a') as never)).toEqual({ a: 'b' });
    const twice = [
      ['a', '1'],
      ['constructor', 'x'],
      ['__proto__', 'y'],
      ['a', '2'],
    ] as [string, string][];
    expect(Object.entries(linesOf(twice))).toEqual([
      ['a', '1, 2'],
      ['constructor', 'x'],
      ['__proto__', 'y'],
    ]);
    const given = { a: 'b' };
    expect(linesOf(given)).toBe(given);
  });

  it('writes the credentials in place of lines of the same name, whatever its case and shape', () => {
    expect(withCredentials({ 'x-key': 'old', a: 'b' }, key)).toEqual({ a: 'b', 'X-Key': 'new' });
    const pairs = [
      ['x-KEY', 'old'],
      ['a', 'b'],
    ] as [string, string][];
    expect(quickInit(undefined, linesOf(pairs), key).headers).toEqual({ a: 'b', 'X-Key': 'new' });
    expect(quickInit(undefined, { 'x-key': 'old', a: 'b' }, key).headers).toEqual({
      a: 'b',
      'X-Key': 'new',
    });
    expect(quickInit(undefined, { 'X-Key': 'old' }, key).headers).toEqual({ 'X-Key': 'new' });
  });

  it('leaves everything as it is without credentials', () => {
    const lines = { a: 'b' };
    expect(withCredentials(lines, undefined)).toBe(lines);
  });

  it('reads lines, several of one name joined', () => {
    expect(lineOf({ A: ' 1 ', b: '2', a: '3' }, 'a')).toBe('1, 3');
    expect(lineOf(undefined, 'a')).toBeUndefined();
  });
});
