import { describe, expect, expectTypeOf, it } from 'vitest';
import * as door from '../src/challenge.js';
import { parseChallenges } from '../src/protocol/challenge.js';

describe('latchkey/challenge', () => {
  it('exports the parser and nothing else', () => {
    expect(Object.keys(door)).toEqual(['parseChallenges']);
    expect(door.parseChallenges).toBe(parseChallenges);
  });

  it('names the type of what the parser returns', () => {
    expectTypeOf(door.parseChallenges('Basic')).toEqualTypeOf<door.Challenge[]>();
  });
});
