import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeChallenge, randomText } from '../../src/oauth/pkce.js';

describe('codeChallenge', () => {
  it('is that of RFC 7636, appendix B', () => {
    expect(codeChallenge('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    );
  });

  it('is what the platform’s SHA-256 gives, in base64url without padding', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w.~-]{43,128}$/), (verifier) => {
        expect(codeChallenge(verifier)).toBe(
          createHash('sha256').update(verifier, 'ascii').digest('base64url'),
        );
      }),
    );
  });
});

describe('randomText', () => {
  it('is 43 unreserved characters of 256 bits, never twice the same', () => {
    const many = Array.from({ length: 100 }, randomText);
    expect(new Set(many).size).toBe(100);
    for (const text of many) expect(text).toMatch(/^[\w-]{43}$/);
  });
});
