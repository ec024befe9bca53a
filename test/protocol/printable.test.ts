import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../src/protocol/printable.js';
import { anyText } from '../support/any-text.js';

describe('printable', () => {
  it('shows nothing of what is no string', () => {
    for (const value of [undefined, null, 7, {}, ['x']]) expect(printable(value as never)).toBe('');
  });

  it('replaces control and non-ASCII characters, so that no log line or terminal can be forged', () => {
    expect(printable('a\r\nb\u0000\u001b[31m\u007f\u0085é€')).toBe('a??b??[31m????');
  });

  it('shows at most 200 characters', () => {
    expect(printable('x'.repeat(100_000))).toBe('x'.repeat(200));
  });

  it('blots every occurrence of a held secret', () => {
    expect(printable('token s3cr3t, again s3cr3t', ['s3cr3t'])).toBe('token [secret], again [secret]');
  });

  it('blots a secret that the limit would have cut in two', () => {
    expect(printable(`${'x'.repeat(195)}s3cr3t-and-long`, ['s3cr3t-and-long'])).not.toContain('s3');
  });

  it('blots the longer of two secrets of which one begins the other', () => {
    expect(printable('abcdef', ['abc', 'abcdef'])).toBe('[secret]');
  });

  it('blots nothing in what stands for a secret', () => {
    expect(printable('a grant', ['a', 'r'])).toBe('[secret] g[secret][secret]nt');
    expect(printable('two\u0000rs', ['s', 'r?', 'e'])).toBe('two?r[secret]');
  });

  it('blots a secret that holds characters which are not printable', () => {
    expect(printable('pass é1 wrong', ['é1'])).toBe('pass [secret] wrong');
  });

  it('blots a secret that comes about when a character is replaced', () => {
    expect(printable('a\u0000b', ['a?b'])).toBe('[secret]');
  });

  it('takes an empty or absent secret for none', () => {
    expect(printable('plain', ['', undefined])).toBe('plain');
  });

  it('never shows a secret, a control character or more than 200 characters', () => {
    fc.assert(
      fc.property(anyText, fc.stringMatching(/^[0-9]{8,12}$/), (text, secret) => {
        const shown = printable(`${text}${secret}${text}`, [secret]);
        expect(shown).not.toContain(secret);
        expect(shown).toMatch(/^[ -~]{0,200}$/);
      }),
    );
  });
});
