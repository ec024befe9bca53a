import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLANK,
  CLASSES,
  COMMA,
  isFieldText,
  isToken,
  isToken68,
  quote,
  TCHAR,
  TOKEN68,
} from '../../src/protocol/syntax.js';

const classed = (bits: number) =>
  Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
    .filter((character) => (CLASSES[character.charCodeAt(0)] as number) & bits)
    .join('');

describe('CLASSES', () => {
  it('has the 77 tchar of RFC 9110, section 5.6.2', () => {
    expect(classed(TCHAR)).toBe(
      "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~",
    );
  });

  it('has the characters of token68, padding aside', () => {
    expect(classed(TOKEN68)).toBe('+-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~');
  });

  it('has the blanks and the comma', () => {
    expect(classed(BLANK)).toBe('\t\n\r ');
    expect(classed(COMMA)).toBe(',');
  });
});

describe('isToken', () => {
  it('refuses the empty text, separators, blanks, controls and what is not ASCII', () => {
    for (const text of ['', 'a b', 'a,b', 'a=b', 'a"', 'a/b', 'a@b', 'a\n', 'a\u0000', 'é']) {
      expect(isToken(text)).toBe(false);
    }
  });

  it('agrees with the class table', () => {
    for (let code = 0; code < 128; code++) {
      expect(isToken(String.fromCharCode(code))).toBe(((CLASSES[code] as number) & TCHAR) > 0);
      expect(isToken68(String.fromCharCode(code))).toBe(((CLASSES[code] as number) & TOKEN68) > 0);
    }
  });
});

describe('isToken68', () => {
  it('refuses padding alone, padding within, blanks and line ends', () => {
    for (const text of ['', '=', 'a=b', 'a b', 'a\r\n', 'a\n', 'a,b', '"a"'])
      expect(isToken68(text)).toBe(false);
  });

  it('accepts base64, base64url and padding', () => {
    for (const text of ['abc', 'a+/b==', 'a-_.~b=', 'a===']) expect(isToken68(text)).toBe(true);
  });
});

describe('isFieldText', () => {
  it('refuses controls but HTAB, and what no byte can hold', () => {
    for (const text of ['\r', '\n', '\u0000', '\u007f', '\u0080x\n', '€', '😀'])
      expect(isFieldText(text)).toBe(false);
    for (const text of ['', '\t', ' ~', 'é']) expect(isFieldText(text)).toBe(true);
  });
});

describe('quote', () => {
  it('throws on CR, LF, NUL and wide characters, and does not tell the text', () => {
    for (const text of ['s3cret\r', 's3cret\n', 's3cret\u0000', 's3cret€', 's3cret\u007f']) {
      expect(() => quote(text)).toThrow(TypeError);
      expect(() => quote(text)).not.toThrow(/s3cret/);
    }
  });

  it('escapes the quote and the backslash, also at the end', () => {
    expect(quote('a"b\\')).toBe('"a\\"b\\\\"');
    expect(quote('')).toBe('""');
  });

  it('lets no text out of its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        fc.pre(isFieldText(text));
        expect(quote(text)).toMatch(/^"(?:[^"\\]|\\["\\])*"$/);
      }),
    );
  });
});
