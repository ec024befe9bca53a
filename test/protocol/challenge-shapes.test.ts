import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { quote } from '../../src/protocol/syntax.js';

type Written = [scheme: string, params: [name: string, value: string][]];

const letters = (characters: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });
const token = letters("abcXYZ019-._~!#$%&'*+^`|", 1, 8);
const text = fc.string({ unit: fc.constantFrom(...'ab "\\,=\té'), maxLength: 10 });
const challenge: fc.Arbitrary<Written> = fc.tuple(
  token,
  fc.uniqueArray(fc.tuple(token, text), {
    selector: ([name]) => name.toLowerCase(),
    minLength: 1,
    maxLength: 4,
  }),
);
const challenges = fc.array(challenge, { minLength: 1, maxLength: 3 });

const write = ([scheme, params]: Written, gap = ', ') =>
  `${scheme} ${params.map(([name, value]) => `${name}=${quote(value)}`).join(gap)}`;
const read = (field: string): Written[] =>
  parseChallenges(field).map(({ scheme, params }) => [scheme, Object.entries(params).sort()]);
const lower = (all: readonly Written[]): Written[] =>
  all.map(([scheme, params]) => [
    scheme.toLowerCase(),
    params.map(([name, value]): [string, string] => [name.toLowerCase(), value]).sort(),
  ]);

describe('parseChallenges, whatever the shape', () => {
  it('reads challenges that begin with a realm where the comma between them is missing, in one line or several', () => {
    fc.assert(
      fc.property(challenges, fc.constantFrom(' ', '  ', '\t', '\n', '\r\n'), (some, gap) => {
        const all = some.map(([scheme, params]): Written => [scheme, [['realm', scheme], ...params]]);
        expect(read(all.map((one) => write(one)).join(gap))).toEqual(lower(all));
      }),
    );
  });

  it.each([
    ['Bearer realm="a" DPoP realm="a"', ['bearer', 'dpop']],
    ['Negotiate abc== Basic realm="a"', ['negotiate', 'basic']],
    ['Basic realm=a Digest realm=b', ['basic', 'digest']],
    ['Basic realm=a real world="b"', ['basic']],
    ['Bearer error_description=The unknown realm given, realm=b', ['bearer']],
    ['Bearer realm=My Server resource_metadata="https://h.example/"', ['bearer']],
    ['Bearer realm="my"own" server scope="a"', ['bearer']],
    ['Bearer realm="a" Negotiate', ['bearer']],
    ['Bearer realm="a" Negotiate, Basic realm="b"', ['bearer', 'basic']],
  ])('takes a word without a comma before it for a scheme where `realm=` follows: %s', (field, schemes) => {
    expect(parseChallenges(field).map(({ scheme }) => scheme)).toEqual(schemes);
  });

  it('takes `realm=` for a parameter without a value where parameters follow, and for a token68 elsewhere', () => {
    expect(read('Bearer realm=, error="invalid_token"')).toEqual([['bearer', [['error', 'invalid_token']]]]);
    expect(read('Bearer realm= ,, scope=a')).toEqual([['bearer', [['scope', 'a']]]]);
    expect(parseChallenges('Bearer realm=, Basic realm="b"')[0]?.token68).toBe('realm=');
    expect(parseChallenges('Negotiate abc==, realm="b"')[0]?.token68).toBe('abc==');
  });

  it('reads a folded field as if it had blanks there', () => {
    fc.assert(
      fc.property(challenges, fc.constantFrom(',\r\n ', ',\r\n\t', '\r\n , ', ',\n  '), (all, gap) => {
        expect(read(all.map((one) => write(one, gap)).join(gap))).toEqual(lower(all));
      }),
    );
  });

  it('never uses a value that may be cut off, wherever the field ends', () => {
    fc.assert(
      fc.property(challenges, fc.nat(), (all, where) => {
        const field = all.map((one) => write(one)).join(', ');
        const whole = read(field);
        const cut = parseChallenges(field.slice(0, where % (field.length + 1)));
        cut.forEach(({ params }, i) => {
          for (const entry of Object.entries(params)) expect(whole[i]?.[1]).toContainEqual(entry);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('reads names in any case, and of those that repeat the last', () => {
    fc.assert(
      fc.property(challenge, text, ([scheme, params], last) => {
        const [[name]] = params as [[string, string]];
        const field = `${write([scheme.toUpperCase(), params])}, ${name.toUpperCase()}=${quote(last)}`;
        const others = params.filter((entry) => entry[0] !== name);
        expect(read(field)).toEqual(lower([[scheme, [...others, [name, last]]]]));
      }),
    );
  });

  it('keeps a token68 of any length and padding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(5), (length, padding) => {
        const token68 = 'a/+'.repeat(length).slice(0, length) + '='.repeat(padding);
        expect(parseChallenges(`NTLM ${token68}, Basic realm="x"`)).toEqual([
          { scheme: 'ntlm', token68, params: {} },
          { scheme: 'basic', params: { realm: 'x' } },
        ]);
      }),
      { numRuns: 20 },
    );
  });

  it('takes controls and what is beyond Latin-1 for no token and no blank, and keeps them within quotes', () => {
    for (const odd of ['\0', '\x07', '\x7f', '\x80', '\xa0', '\u0130', '\u2028', '\ufeff', '雪']) {
      expect(read(`Basic realm="a${odd}b"`)).toEqual([['basic', [['realm', `a${odd}b`]]]]);
      expect(read(`Basic realm="a", x${odd}y="z"`)).toEqual([['basic', [['realm', 'a']]]]);
      expect(read(`Ba${odd}sic realm="a"`)).toEqual([]);
      expect(read(`Basic${odd}realm="a"`)).toEqual([]);
    }
  });

  it('keeps realm* apart from realm', () => {
    const [basic] = parseChallenges(`Basic realm="a", realm*=UTF-8''b%C3%A4`);
    expect({ ...basic?.params }).toEqual({ realm: 'a', 'realm*': "UTF-8''b%C3%A4" });
  });
});
