import { describe, expect, it } from 'vitest';
import { Tries } from '../../src/session/step-up-tries.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('Tries', () => {
  it('doubles the pause for the same from a minute to an hour', () => {
    const tries = new Tries();
    let now = 0;
    const pauses: number[] = [];
    for (let i = 0; i < 9; i++) {
      const since = now;
      while (!tries.may('a', now)) now += MINUTE;
      pauses.push((now - since) / MINUTE);
    }
    expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('forgets a pause after ten of it: what is asked for now and then is asked for', () => {
    const tries = new Tries();
    expect([tries.may('a', 0), tries.may('a', MINUTE)]).toEqual([true, true]);
    expect(tries.may('a', MINUTE + 21 * 2 * MINUTE)).toBe(true);
    expect(tries.may('a', MINUTE + 21 * 2 * MINUTE + MINUTE)).toBe(true);
  });

  it('asks as often as what was brought grows too old, and not more often than every minute', () => {
    const tries = new Tries();
    const FIVE = 5 * MINUTE;
    for (let now = 0; now < HOUR; now += FIVE) {
      expect(tries.may('a', now, FIVE)).toBe(true);
      expect(tries.may('a', now + MINUTE / 2, FIVE)).toBe(false);
    }
    expect([tries.may('b', HOUR, 1_000), tries.may('b', HOUR + MINUTE / 2, 1_000)]).toEqual([true, false]);
  });

  it('allows five a minute of all together', () => {
    const tries = new Tries();
    const at = (now: number, key: string) => tries.may(key, now);
    expect(['a', 'b', 'c', 'd', 'e', 'f'].map((key, i) => at(i, key))).toEqual([
      ...Array<boolean>(5).fill(true),
      false,
    ]);
    expect(at(MINUTE, 'f')).toBe(true);
    expect(at(MINUTE, 'g')).toBe(false);
  });

  it('holds nothing up because a clock went back', () => {
    const tries = new Tries();
    for (const key of ['a', 'b', 'c', 'd', 'e']) tries.may(key, HOUR);
    expect(tries.may('a', 0)).toBe(true);
  });

  it('remembers the last hundred', () => {
    const tries = new Tries();
    for (let i = 0; i <= 100; i++) expect(tries.may(`k${i}`, i * MINUTE)).toBe(true);
    expect(tries.may('k100', 100 * MINUTE + 1)).toBe(false);
    expect(tries.may('k0', 101 * MINUTE)).toBe(true);
  });
});
