import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { formatAuthorization } from '../../src/protocol/credentials.js';

describe('formatAuthorization', () => {
  it('refuses a scheme that is no token', () => {
    for (const scheme of ['', 'Ba sic', 'Basic\r\n', 'Basic,']) {
      expect(() => formatAuthorization(scheme, 'abc')).toThrow(TypeError);
    }
  });

  it('refuses credentials that are no token68, without telling them', () => {
    for (const data of ['', 's3cret x', 's3cret\r\nX: y', 's3cret\u0000', 's3cret,', 's3créť']) {
      expect(() => formatAuthorization('Bearer', data)).toThrow(
        'Authorization: the Bearer credentials are no token68',
      );
    }
  });

  it('refuses line ends and NUL in a parameter, without telling it', () => {
    for (const value of ['s3cret\r', 's3cret\n', 's3cret\u0000', 's3cret€']) {
      expect(() => formatAuthorization('Digest', { response: value })).toThrow(TypeError);
      expect(() => formatAuthorization('Digest', { response: value })).not.toThrow(/s3cret/);
      expect(() => formatAuthorization('Digest', { nc: value }, ['nc'])).toThrow(
        'Authorization: nc is no token',
      );
    }
    expect(() => formatAuthorization('Digest', { 'a b': 'c' })).toThrow(TypeError);
  });

  it('refuses to write a parameter bare that only a quoted-string can hold', () => {
    expect(() => formatAuthorization('Digest', { qop: 'auth, auth-int' }, ['qop'])).toThrow(TypeError);
    expect(() => formatAuthorization('Digest', { qop: '' }, ['qop'])).toThrow(TypeError);
  });

  it('writes a scheme alone, with a token68, and with parameters', () => {
    expect(formatAuthorization('Negotiate')).toBe('Negotiate');
    expect(formatAuthorization('Bearer', 'abc.def==')).toBe('Bearer abc.def==');
    expect(
      formatAuthorization('Digest', { username: 'a"b', qop: 'auth', nc: '00000001' }, ['qop', 'nc']),
    ).toBe('Digest username="a\\"b", qop=auth, nc=00000001');
  });

  it('writes what the parser reads back', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9*_-]{0,8}$/);
    const value = fc.stringMatching(/^[\t -~\x80-\xff]{0,20}$/);
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1, maxKeys: 5, noNullPrototype: true }), (params) => {
        const [read] = parseChallenges(formatAuthorization('Digest', params));
        expect(read?.scheme).toBe('digest');
        expect({ ...read?.params }).toEqual(params);
      }),
    );
  });
});
