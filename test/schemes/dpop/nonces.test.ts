import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Nonces } from '../../../src/schemes/dpop/nonces.js';

const url = 'https://api.example.com/x';
const field = (value: string | null) => ({
  get: (name: string) => (name === 'dpop-nonce' ? value : null),
});

describe('Nonces', () => {
  it('keeps the last nonce of each origin, apart from every other', () => {
    const nonces = new Nonces();
    expect(nonces.of(url)).toBeUndefined();
    expect(nonces.learn(url, field('n-1'))).toBe('n-1');
    nonces.learn('https://id.example.com/token', field('as'));
    nonces.learn('https://api.example.com:444/', field('port'));
    expect(nonces.learn('HTTPS://API.example.com:443/y?z', field('n-2'))).toBe('n-2');
    const urls = [url, 'https://id.example.com', 'https://api.example.com:444', 'http://api.example.com'];
    expect(urls.map((of) => nonces.of(of))).toEqual(['n-2', 'as', 'port', undefined]);
  });

  it.each([
    ['none', null],
    ['an empty one', ''],
    ['two', 'n-1, n-2'],
    ['a quote', 'n"1'],
    ['a backslash', 'n\\1'],
    ['a blank', 'n 1'],
    ['a line end', 'n\r\nX: y'],
    ['a delete character', 'n\x7f'],
    ['no ASCII', 'ñ'],
    ['too much', 'n'.repeat(1_025)],
  ])('takes a response with %s for one without, and keeps what it has', (_, value) => {
    const nonces = new Nonces();
    nonces.learn(url, field('n-1'));
    expect(nonces.learn(url, field(value))).toBeUndefined();
    expect(nonces.of(url)).toBe('n-1');
  });

  it('takes exactly what the grammar of RFC 9449, section 8.1 allows', () => {
    const allowed = /^[!#-[\]-~]{1,1024}$/;
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 8 }), (value) => {
        expect(new Nonces().learn(url, field(value))).toBe(allowed.test(value) ? value : undefined);
      }),
    );
  });

  it('remembers a bounded number of servers: those that spoke last', () => {
    const nonces = new Nonces();
    const urlOf = (i: number) => `https://s${i}.example.com/`;
    nonces.learn(urlOf(0), field('n'));
    nonces.learn(urlOf(1), field('n'));
    for (let i = 2; i <= 100; i++) {
      nonces.learn(urlOf(0), field('n'));
      nonces.learn(urlOf(i), field('n'));
    }
    expect([0, 1, 2, 100].map((i) => nonces.of(urlOf(i)))).toEqual(['n', undefined, 'n', 'n']);
  });
});
