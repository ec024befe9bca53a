import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64 } from '../../src/protocol/base64.js';
import { anyText } from '../support/any-text.js';

describe('base64', () => {
  it('pads to a multiple of four (RFC 4648, section 10)', () => {
    const vectors = {
      '': '',
      f: 'Zg==',
      fo: 'Zm8=',
      foo: 'Zm9v',
      foob: 'Zm9vYg==',
      fooba: 'Zm9vYmE=',
      foobar: 'Zm9vYmFy',
    };
    for (const [text, encoded] of Object.entries(vectors)) expect(base64(text)).toBe(encoded);
  });

  it('encodes the UTF-8 bytes of any well-formed text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(base64(text)).toBe(Buffer.from(text, 'utf8').toString('base64'));
      }),
    );
  });
});
