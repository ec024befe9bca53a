import { describe, expect, it } from 'vitest';
import { Looks } from '../../src/session/looks.js';

describe('Looks', () => {
  it('lets the higher revision of two overlapping loads count, whichever began or ended first', () => {
    for (const laterFirst of [true, false]) {
      const looks = new Looks();
      const [first, second] = [looks.begin(), looks.begin()];
      const [high, low] = laterFirst ? [second, first] : [first, second];
      expect(looks.end(high, 3)).toBe(true);
      expect(looks.end(low, 2)).toBe(false);
    }
  });

  it('believes a lower revision of a load that began after the higher one was read: the store lost something', () => {
    const looks = new Looks();
    expect(looks.end(looks.begin(), 9)).toBe(true);
    expect(looks.end(looks.begin(), 4)).toBe(true);
  });

  it('lets no load that is still under way bring back what was lost before it ended', () => {
    const looks = new Looks();
    const slow = looks.begin();
    expect(looks.end(looks.begin(), 9)).toBe(true);
    expect(looks.end(looks.begin(), 4)).toBe(true);
    expect(looks.end(slow, 5)).toBe(false);
    expect(looks.end(looks.begin(), 5)).toBe(true);
  });

  it('tells which load began before something was written here', () => {
    const looks = new Looks();
    const before = looks.begin();
    looks.wrote();
    expect(looks.isNews(before)).toBe(false);
    expect(looks.isNews(looks.begin())).toBe(true);
  });

  it('remembers little, however the revisions fall', () => {
    const looks = new Looks();
    for (let revision = 1000; revision > 0; revision--) expect(looks.end(looks.begin(), revision)).toBe(true);
    const look = looks.begin();
    expect(looks.end(looks.begin(), 7)).toBe(true);
    expect(looks.end(look, 6)).toBe(false);
  });
});
