import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { readChallenges } from '../../src/protocol/read-challenges.js';

describe('readChallenges', () => {
  it('reads what parseChallenges reads', () => {
    for (const field of [null, '', 'Basic realm="a"', 'Bearer, Negotiate abc==']) {
      expect(readChallenges(field)).toEqual(parseChallenges(field));
    }
  });

  it('returns the same result for the same field again', () => {
    expect(readChallenges('Basic realm="a"')).toBe(readChallenges('Basic realm="a"'));
  });

  it('forgets a field when another comes', () => {
    const first = readChallenges('Basic realm="a"');
    expect(readChallenges('Basic realm="b"')).toEqual(parseChallenges('Basic realm="b"'));
    expect(readChallenges('Basic realm="a"')).not.toBe(first);
  });

  it('keeps no long field in memory', () => {
    const long = `Basic realm="${'x'.repeat(5000)}"`;
    expect(readChallenges(long)).not.toBe(readChallenges(long));
  });

  it('returns what nobody can change', () => {
    const challenges = readChallenges('Basic realm="frozen"');
    expect(() => (challenges as unknown[]).push(1)).toThrow(TypeError);
    expect(() => Object.assign(challenges[0]?.params as object, { realm: 'evil' })).toThrow(TypeError);
    expect(() => Object.assign(challenges[0] as object, { scheme: 'evil' })).toThrow(TypeError);
  });
});
