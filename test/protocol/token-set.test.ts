import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTokenInput, type TokenSet } from '../../src/protocol/token-set.js';

const NOW = 1_700_000_000_000;
const LAST = 8.64e15;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown) => `${encode({ alg: 'none' })}.${encode(claims)}.`;

function tokens(input: unknown, now: number = NOW): TokenSet {
  const read = readTokenInput(input, now);
  if ('value' in read) return read.value;
  throw new Error(JSON.stringify(read.issues));
}
function issues(input: unknown): unknown[] {
  const read = readTokenInput(input, NOW);
  if ('issues' in read) return read.issues.map(({ path }) => path.join('.'));
  throw new Error(`no issues: ${JSON.stringify(read.value)}`);
}

describe('readTokenInput', () => {
  describe('of what is no token response', () => {
    it.each([[undefined], [null], [''], ['token'], [5], [true], [[]], [[{ access_token: 'a' }]]])(
      'refuses %j as a whole',
      (input) => expect(issues(input)).toEqual(['']),
    );

    it.each([
      ['absent', {}],
      ['null', { accessToken: null }],
      ['empty', { accessToken: '' }],
      ['a number', { accessToken: 5 }],
      ['with a space', { accessToken: 'Bearer a' }],
      ['with CR and LF', { accessToken: 'a\r\nX-Evil: 1' }],
      ['with a trailing LF', { accessToken: 'a\n' }],
      ['beyond ASCII', { accessToken: 'ä' }],
    ])('refuses an access token that is %s', (_, input) => {
      expect(issues(input)).toEqual(['accessToken']);
    });

    it('names the member as it was spelled', () => {
      expect(issues({ access_token: 5 })).toEqual(['access_token']);
      expect(issues({ access_token: 'a', id_token: {} })).toEqual(['id_token']);
      expect(issues({ accessToken: 'a', idToken: {} })).toEqual(['idToken']);
    });

    it.each([['mac'], ['N_A'], ['Bearer '], [5], [['Bearer']]])(
      'refuses the token_type %j, which it does not understand',
      (token_type) => expect(issues({ access_token: 'a', token_type })).toEqual(['token_type']),
    );

    it.each([['refresh_token'], ['scope'], ['id_token']])('refuses a %s that is no string', (name) => {
      for (const value of [5, true, {}, ['x']]) {
        expect(issues({ access_token: 'a', [name]: value })).toEqual([name]);
      }
    });

    it.each([[1_700_000_000], [0], [-1], [Number.NaN], ['2030-01-01'], [{}], [new Date(Number.NaN)]])(
      'refuses expiresAt %j: seconds were meant, or nothing usable',
      (expiresAt) => expect(issues({ accessToken: 'a', expiresAt })).toEqual(['expiresAt']),
    );

    it('refuses an `extra` that is no object', () => {
      expect(issues({ accessToken: 'a', extra: [1] })).toEqual(['extra']);
      expect(issues({ accessToken: 'a', extra: 'x' })).toEqual(['extra']);
    });

    it('never throws and yields either tokens that can be sent and stored, or issues', () => {
      const member = fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.jsonValue(), fc.date());
      const names = [
        'access_token',
        'accessToken',
        'expires_in',
        'expiresAt',
        'token_type',
        'extra',
        'scope',
      ];
      fc.assert(
        fc.property(fc.dictionary(fc.constantFrom(...names, '__proto__', 'x'), member), (input) => {
          const read = readTokenInput(input, NOW);
          if ('issues' in read) return read.issues.length > 0;
          const { accessToken, expiresAt } = read.value;
          return /^[!-~]+$/.test(accessToken) && (expiresAt === undefined || Math.abs(expiresAt) <= LAST);
        }),
      );
    });
  });

  describe('of a token response', () => {
    it("reads the token endpoint's own JSON", () => {
      const input = {
        access_token: 'a',
        token_type: 'Bearer',
        refresh_token: 'r',
        expires_in: 60,
        scope: 'x y',
        id_token: 'i',
      };
      expect(tokens(input)).toStrictEqual({
        accessToken: 'a',
        tokenType: 'Bearer',
        refreshToken: 'r',
        expiresAt: NOW + 60_000,
        scope: 'x y',
        idToken: 'i',
      });
    });

    it('reads ours', () => {
      const input = { accessToken: 'a', tokenType: 'DPoP', refreshToken: 'r', expiresIn: 60, idToken: 'i' };
      expect(tokens(input)).toStrictEqual({
        accessToken: 'a',
        tokenType: 'DPoP',
        refreshToken: 'r',
        expiresAt: NOW + 60_000,
        idToken: 'i',
      });
    });

    it('reads what mixes both spellings', () => {
      expect(tokens({ accessToken: 'a', refresh_token: 'r', expires_in: 1 })).toStrictEqual({
        accessToken: 'a',
        refreshToken: 'r',
        expiresAt: NOW + 1_000,
      });
    });

    it('takes absent, undefined, null and the empty string for one', () => {
      for (const nothing of [undefined, null, '']) {
        const input = {
          access_token: 'a',
          token_type: nothing,
          refresh_token: nothing,
          expires_in: nothing,
          scope: nothing,
          id_token: nothing,
        };
        expect(tokens(input)).toStrictEqual({ accessToken: 'a' });
      }
      const ours = { accessToken: 'a', expiresAt: null, expiresIn: null, extra: undefined };
      expect(tokens(ours)).toStrictEqual({ accessToken: 'a' });
    });

    it.each([
      ['bearer', 'Bearer'],
      ['BEARER', 'Bearer'],
      ['dpop', 'DPoP'],
      ['DPoP', 'DPoP'],
    ])('matches the token_type %s case-insensitively', (token_type, tokenType) =>
      expect(tokens({ access_token: 'a', token_type }).tokenType).toBe(tokenType),
    );

    it('round-trips its own result', () => {
      const once = tokens({ access_token: 'a', refresh_token: 'r', expires_in: 60, user: { id: 1 } });
      expect(tokens(once, NOW + 5_000)).toStrictEqual(once);
    });
  });

  describe('of a lifetime', () => {
    it.each([
      [60, NOW + 60_000],
      ['60', NOW + 60_000],
      [' 60 ', NOW + 60_000],
      [1.5, NOW + 1_500],
      [0, NOW],
      ['0', NOW],
      [-5, NOW],
      ['-5', NOW],
      [1e300, LAST],
      ['9'.repeat(400), LAST],
      [Number.POSITIVE_INFINITY, LAST],
      [Number.NEGATIVE_INFINITY, NOW],
    ])('reads expires_in %j', (expires_in, expiresAt) => {
      expect(tokens({ access_token: 'a', expires_in }).expiresAt).toBe(expiresAt);
      expect(Number.isSafeInteger(expiresAt)).toBe(true);
    });

    it.each([['soon'], ['  '], [Number.NaN], [true], [{}], [[60]]])(
      'ignores expires_in %j as absent',
      (expires_in) => expect(tokens({ access_token: 'a', expires_in })).toStrictEqual({ accessToken: 'a' }),
    );

    it('takes expiresAt as milliseconds or a Date, before expiresIn', () => {
      const at = NOW + 5_000;
      expect(tokens({ accessToken: 'a', expiresAt: at, expiresIn: 1 }).expiresAt).toBe(at);
      expect(tokens({ accessToken: 'a', expiresAt: at + 0.7 }).expiresAt).toBe(at);
      expect(tokens({ accessToken: 'a', expiresAt: new Date(at) }).expiresAt).toBe(at);
      expect(tokens({ accessToken: 'a', expiresAt: new Date(0) }).expiresAt).toBe(0);
      expect(tokens({ accessToken: 'a', expiresAt: Number.POSITIVE_INFINITY }).expiresAt).toBe(LAST);
    });

    it('takes exp - iat of a JWT, whatever the clocks say', () => {
      const accessToken = jwt({ iat: 1_000, exp: 1_300 });
      expect(tokens({ accessToken }).expiresAt).toBe(NOW + 300_000);
      expect(tokens({ access_token: jwt({ iat: 1_000, exp: 900 }) }).expiresAt).toBe(NOW);
    });

    it('takes exp of a JWT without iat', () => {
      expect(tokens({ accessToken: jwt({ exp: NOW / 1_000 + 60 }) }).expiresAt).toBe(NOW + 60_000);
      expect(tokens({ accessToken: jwt({ exp: 1e300 }) }).expiresAt).toBe(LAST);
    });

    it('looks into a JWT only when no lifetime was given', () => {
      const access_token = jwt({ iat: 1_000, exp: 1_300 });
      expect(tokens({ access_token, expires_in: 60 }).expiresAt).toBe(NOW + 60_000);
      expect(tokens({ access_token, expires_in: 'soon' }).expiresAt).toBe(NOW + 300_000);
    });

    it('knows none of an opaque token, or of a JWT that tells none', () => {
      for (const accessToken of ['opaque', 'a.b.c', jwt({}), jwt({ iat: 1 }), jwt({ exp: '5' })]) {
        expect(tokens({ accessToken })).toStrictEqual({ accessToken });
      }
    });
  });

  describe('of other members', () => {
    it("keeps all unknown members of a token endpoint's JSON", () => {
      const input = { access_token: 'a', instance_url: 'u', user: { id: 1 }, expiresAt: 'never', extra: 5 };
      expect(tokens(input).extra).toStrictEqual({
        instance_url: 'u',
        user: { id: 1 },
        expiresAt: 'never',
        extra: 5,
      });
    });

    it('keeps `extra` and the unknown members of ours', () => {
      expect(tokens({ accessToken: 'a', extra: { x: 1, y: null }, z: 2 }).extra).toStrictEqual({
        x: 1,
        y: null,
        z: 2,
      });
    });

    it('keeps no token among them', () => {
      const input = { accessToken: 'a', access_token: 'b', refreshToken: 'r', refresh_token: 's' };
      expect(tokens(input)).toStrictEqual({ accessToken: 'a', refreshToken: 'r' });
    });

    it('is immune to __proto__', () => {
      const text = '{"access_token":"a","__proto__":{"polluted":1},"constructor":5}';
      const { extra } = tokens(JSON.parse(text));
      expect(Object.getPrototypeOf(extra)).toBe(Object.prototype);
      expect(extra).toStrictEqual({ constructor: 5 });
      expect(tokens(JSON.parse('{"accessToken":"a","extra":{"__proto__":{"p":1}}}'))).toStrictEqual({
        accessToken: 'a',
      });
      expect(issues(JSON.parse('{"__proto__":{"access_token":"a"}}'))).toEqual(['accessToken']);
    });
  });
});
