import fc from 'fast-check';

/** Well-formed text of any code points. */
export const anyText: fc.Arbitrary<string> = fc.string({
  unit: fc
    .oneof(fc.nat(0x7f), fc.nat(0xff), fc.nat(0x10ffff))
    .map((code) => (code >= 0xd800 && code <= 0xdfff ? '\ufffd' : String.fromCodePoint(code))),
  maxLength: 200,
});
