import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/protocol/utf8.js';
import { anyText } from '../support/any-text.js';

describe('utf8', () => {
  it('is the UTF-8 of a text, one character a byte', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(utf8(text)).toBe(Buffer.from(text).toString('latin1'));
      }),
    );
    expect(utf8('100%25 %zz é')).toBe('100%25 %zz \u00c3\u00a9');
  });
});
