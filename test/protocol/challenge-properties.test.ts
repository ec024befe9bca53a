import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Challenge, parseChallenges } from '../../src/protocol/challenge.js';
import { quote } from '../../src/protocol/syntax.js';
import { anyText } from '../support/any-text.js';
import { type Read, readings } from '../support/slow-grammar.js';

const TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const letters = (characters: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });

const token = letters(TOKEN, 1, 8);
const token68 = fc
  .tuple(letters('abcXYZ019-._~+/', 1, 10), fc.nat(2))
  .map(([data, padding]) => data + '='.repeat(padding));
const fieldText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', ',', '=', ' ', '\t', 'é'),
    fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
  ),
  maxLength: 12,
});
const params = fc.uniqueArray(
  fc.tuple(
    fc.oneof(
      token.map((name) => name.toLowerCase()),
      fc.constantFrom('__proto__', 'constructor', 'realm'),
    ),
    fieldText,
  ),
  { selector: ([name]) => name, maxLength: 4 },
);
const challenge = fc.oneof(
  fc.record({ scheme: token, token68, params: fc.constant([]) }),
  fc.record({ scheme: token, token68: fc.constant(null), params }),
);

const comma = fc.constantFrom(',', ', ', ' ,', ',, ', '\t,\t');
const bws = fc.constantFrom('', '', ' ', '\t ');

/** Writes challenges in one of the many ways the grammar allows. */
const written = fc.array(challenge, { maxLength: 4 }).chain((challenges) =>
  fc
    .record({
      gaps: fc.array(comma, { minLength: 20, maxLength: 20 }),
      blanks: fc.array(bws, { minLength: 40, maxLength: 40 }),
      raw: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
    })
    .map(({ gaps, blanks, raw }) => {
      const gap = () => gaps.pop() ?? ',';
      const blank = () => blanks.pop() ?? '';
      const value = (text: string) => (raw.pop() && isToken(text) ? text : quote(text));
      const field = challenges
        .map(({ scheme, token68: data, params: entries }) => {
          if (data !== null) return `${scheme} ${data}`;
          if (entries.length === 0) return scheme;
          const texts = entries.map(([name, text]) => `${name}${blank()}=${blank()}${value(text)}`);
          return `${scheme} ${texts.reduce((all, text) => all + gap() + text)}`;
        })
        .reduce((all, text) => (all === '' ? text : all + gap() + text), '');
      return { challenges, field };
    }),
);

function isToken(text: string): boolean {
  return text !== '' && [...text].every((character) => TOKEN.includes(character));
}

const plain = (challenges: readonly Challenge[]) =>
  challenges.map(({ scheme, token68: data, params: held }) => ({
    scheme,
    token68: data ?? null,
    params: Object.entries(held).sort(),
  }));

/** Of a repeated name the last. */
const sorted = (reads: readonly Read[]) =>
  reads.map((read) => ({ ...read, params: [...new Map(read.params)].sort() }));

/** Short texts out of the characters that the grammar is made of. */
const soup = fc.string({ unit: fc.constantFrom(...'aB1=", \t\\/?'), maxLength: 14 });

const vectors: { headers: string[] }[] = JSON.parse(
  readFileSync(new URL('../vectors/challenges.json', import.meta.url), 'utf8'),
);
const published = vectors.map((vector) => vector.headers.join(', ')).filter((field) => field.length < 120);

const mutated = fc
  .record({
    field: fc.oneof(
      fc.constantFrom(...published),
      written.map(({ field }) => field),
    ),
    edits: fc.array(fc.tuple(fc.nat(), fc.nat(1), fc.constantFrom('', ...'a=", \t\\/?é')), { maxLength: 3 }),
  })
  .map(({ field, edits }) =>
    edits.reduce((text, [where, removed, added]) => {
      const at = where % (text.length + 1);
      return text.slice(0, at) + added + text.slice(at + removed);
    }, field),
  );

describe('parseChallenges', () => {
  it('reads back what was written, however it was written', () => {
    fc.assert(
      fc.property(written, ({ challenges, field }) => {
        const expected = challenges.map((one) => ({ ...one, scheme: one.scheme.toLowerCase() }));
        expect(plain(parseChallenges(field))).toEqual(sorted(expected as Read[]));
      }),
      { numRuns: 1000 },
    );
  });

  it('agrees with the grammar on what was written', () => {
    fc.assert(
      fc.property(written, ({ field }) => {
        const all = readings(field);
        expect(all.length).toBe(1);
        expect(plain(parseChallenges(field))).toEqual(sorted(all[0] as Read[]));
      }),
      { numRuns: 100 },
    );
  });

  it('agrees with the grammar on a soup of its characters wherever the grammar accepts it', () => {
    let accepted = 0;
    fc.assert(
      fc.property(soup, (field) => {
        const all = readings(field);
        expect(all.length).toBeLessThanOrEqual(1);
        if (!all[0]) return;
        accepted++;
        expect(plain(parseChallenges(field))).toEqual(sorted(all[0]));
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it('agrees with the grammar on mutated challenges wherever the grammar accepts them', () => {
    let accepted = 0;
    fc.assert(
      fc.property(mutated, (field) => {
        const [read] = readings(field);
        if (!read) return;
        accepted++;
        expect(plain(parseChallenges(field))).toEqual(sorted(read));
      }),
      { numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(20);
  });

  it('keeps well-formed challenges before any damage', () => {
    const damage = fc.constantFrom('???', '"', 'x="cut', 'a"b"', 'k="v"w"', '= =', 'x=', '\\');
    fc.assert(
      fc.property(written, damage, ({ challenges, field }, junk) => {
        const before = plain(parseChallenges(field)).slice(0, -1);
        const after = plain(parseChallenges(`${field}, ${junk}`));
        expect(after.slice(0, Math.max(0, challenges.length - 1))).toEqual(before);
        expect(after.length).toBeGreaterThanOrEqual(challenges.length);
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, mutated), (field) => {
        for (const one of parseChallenges(field)) {
          expect(one.scheme).toMatch(/^[!#$%&'*+.^_`|~0-9a-z-]+$/);
          for (const value of Object.values(one.params)) expect(typeof value).toBe('string');
        }
      }),
      { numRuns: 1000 },
    );
  });
});
