import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { readings } from '../support/slow-grammar.js';

interface Vector {
  id: string;
  headers: string[];
  expect: { scheme: string; token68: string | null; params: Record<string, string> }[];
  strict: 'accept' | 'reject' | 'accept-abnf-duplicate-param';
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL('../vectors/more-challenges.json', import.meta.url), 'utf8'),
);

const read = (field: string) =>
  parseChallenges(field).map(({ scheme, token68, params }) => ({
    scheme,
    token68: token68 ?? null,
    params: { ...params },
  }));

describe('parseChallenges on more public suites', () => {
  it('reads the whole file, every vector once', () => {
    expect(vectors).toHaveLength(128);
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(128);
  });

  it.each(vectors)('$id: reads the field lines joined as fetch joins them', (vector) => {
    expect(read(vector.headers.join(', '))).toEqual(vector.expect);
  });

  it.each(vectors.filter(({ strict }) => strict === 'accept'))(
    '$id: reads the field lines one by one',
    (vector) => {
      expect(vector.headers.flatMap(read)).toEqual(vector.expect);
    },
  );

  it.each(vectors.filter(({ headers }) => headers.join().length < 1000))(
    '$id: is in the language of RFC 9110 or not, as the vector says',
    ({ headers, strict }) => {
      expect(readings(headers.join(', ')).length > 0).toBe(strict !== 'reject');
    },
  );
});
