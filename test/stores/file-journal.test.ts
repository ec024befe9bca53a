import { describe, expect, it } from 'vitest';
import { causesOf, type Entry, type Life, pausedIn } from './file-journal.ts';

const posted = (by: string, token: string, status = 200, reuse = false) => ({ by, token, status, reuse });
const life = (name: string, journal: readonly Entry[], about: Partial<Life> = {}): Life => ({
  name,
  killed: false,
  stops: [],
  journal,
  ...about,
});
const turn = (at: number): Entry => ({ what: 'turn', at });
const left = (at: number): Entry => ({ what: 'left', at });
const posting = (at: number, token = 'rt-1'): Entry => ({ what: 'posting', at, token });
const saved = (at: number, token: string): Entry => ({ what: 'saved', at, token });

const twice = [posted('a', 'rt-1'), posted('b', 'rt-1', 400, true)];
const cut = [turn(0), saved(1, 'rt-1'), posting(2)];
const other = life('b', [turn(100), posting(110), left(120)]);

describe('causesOf', () => {
  it('finds nothing where every token came once, or was refused the first time', () => {
    expect(causesOf([posted('a', 'rt-1'), posted('b', 'rt-2')], [])).toEqual([]);
    expect(causesOf([posted('a', 'rt-1', 400), posted('b', 'rt-1')], [])).toEqual([]);
  });

  it('counts a token that is sent once more after the sign-in was ended no more than the server does', () => {
    const thrice = [...twice, posted('b', 'rt-1', 400)];
    expect(causesOf(thrice, [life('a', cut, { killed: true }), other])).toEqual(['kill']);
  });

  it('is a kill where the one who spent it was killed before it saved what it got', () => {
    expect(causesOf(twice, [life('a', cut, { killed: true }), other])).toEqual(['kill']);
  });

  it('is unexplained where the one who was killed had saved it, or was not killed, or is unknown', () => {
    const whole = [...cut, saved(5, 'rt-2'), left(6)];
    expect(causesOf(twice, [life('a', whole, { killed: true }), other])).toEqual(['unexplained']);
    expect(causesOf(twice, [life('a', cut), other])).toEqual(['unexplained']);
    expect(causesOf(twice, [])).toEqual(['unexplained']);
    expect(causesOf([posted('a', 'rt-9', 400, true)], [])).toEqual(['unexplained']);
  });

  it('is unexplained also where the server took it twice', () => {
    expect(causesOf([posted('a', 'rt-1'), posted('b', 'rt-1')], [life('a', cut), other])).toEqual([
      'unexplained',
    ]);
  });

  it('is a pause where either was stopped in that turn for as long as the turn lasts', () => {
    const stops = [{ at: 50, to: 5_550 }];
    expect(causesOf(twice, [life('a', [...cut, left(6_000)], { stops }), other])).toEqual(['pause']);
    const late = life('b', [turn(10), posting(9_000), left(9_010)], { stops });
    expect(causesOf(twice, [life('a', cut), late])).toEqual(['pause']);
  });

  it('is unexplained where the pause was shorter, or outside the turn', () => {
    for (const stops of [
      [{ at: 50, to: 5_549 }],
      [{ at: 7_000, to: 90_000 }],
      [
        { at: 50, to: 3_000 },
        { at: 50, to: 3_000 },
      ],
    ])
      expect(causesOf(twice, [life('a', [...cut, left(6_000)], { stops }), other])).toEqual(['unexplained']);
  });
});

describe('pausedIn', () => {
  it('counts what was seen from outside and from inside once', () => {
    const gap: Entry = { what: 'gap', at: 90, to: 210 };
    const of = life('a', [gap], { stops: [{ at: 100, to: 200 }] });
    expect(pausedIn(of, { at: 0, to: 1_000 })).toBe(120);
    expect(pausedIn(of, { at: 150, to: 160 })).toBe(10);
    expect(pausedIn(of, { at: 300, to: 400 })).toBe(0);
  });
});
