import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Challenge, parseChallenges } from '../../src/protocol/challenge.js';

interface Expected {
  scheme: string;
  token68: string | null;
  params: Record<string, string>;
}
interface Vector {
  id: string;
  headers: string[];
  expect: Expected[];
  strict: 'accept' | 'reject' | 'accept-abnf-duplicate-param';
  note: string;
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL('../vectors/challenges.json', import.meta.url), 'utf8'),
);

const plain = (challenges: Challenge[]): Expected[] =>
  challenges.map(({ scheme, token68, params }) => ({
    scheme,
    token68: token68 ?? null,
    params: { ...params },
  }));

describe('parseChallenges on the published vectors', () => {
  it('reads the whole file', () => {
    expect(vectors.length).toBe(207);
  });

  it.each(vectors)('$id: reads the field lines joined as fetch joins them', (vector) => {
    expect(plain(parseChallenges(vector.headers.join(', ')))).toEqual(vector.expect);
  });

  it.each(vectors.filter((vector) => vector.strict === 'accept' && vector.id !== 'cr-a-stray-line'))(
    '$id: reads the field lines one by one',
    (vector) => {
      expect(plain(vector.headers.flatMap((line) => parseChallenges(line)))).toEqual(vector.expect);
    },
  );
});
