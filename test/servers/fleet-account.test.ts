import { describe, expect, it } from 'vitest';
import { explainReuses, overlongMs, type Seen, startedLate, type Turn } from './fleet-account.js';

const leaseMs = 3_000;
const post = (turn: string, at: number, status = 200) => ({ token: 'rt', turn, sent: at - 5, at, status });
const turn = (by: string, from: number, to?: number, lost?: number): Turn => ({
  by,
  key: 'k',
  from,
  ...(to === undefined ? {} : { to }),
  ...(lost === undefined ? {} : { lost }),
});
const seen = (about: Partial<Omit<Seen, 'turns'>> & { turns?: Record<string, Turn> }): Seen => ({
  posts: [],
  stills: [],
  kills: new Map(),
  waits: [],
  leaseMs,
  ...about,
  turns: new Map(Object.entries(about.turns ?? {})),
});

describe('explainReuses', () => {
  const twice = [post('a/1', 100), post('b/1', 4_000, 400)];
  const whole = { 'a/1': turn('a', 50, 200), 'b/1': turn('b', 3_900, 4_100) };

  it('counts nothing where each token is posted once, or was refused before', () => {
    const told = explainReuses(seen({ posts: [post('a/1', 1, 500), post('b/1', 2)], turns: whole }));
    expect(told).toMatchObject({ reuses: 0, unexplained: [] });
  });

  it('finds no reason for two whole turns, one after the other', () => {
    const told = explainReuses(seen({ posts: twice, turns: whole }));
    expect(told).toMatchObject({ reuses: 1, byKill: 0, byPause: 0, byLapse: 0 });
    expect(told.unexplained).toHaveLength(1);
  });

  it('takes a kill for the reason only where the turn of the first had not ended, and before the other’s began', () => {
    const turns = { ...whole, 'a/1': turn('a', 50) };
    const kills = (at: number) => new Map([['a', at]]);
    expect(explainReuses(seen({ posts: twice, turns, kills: kills(110) })).byKill).toBe(1);
    expect(explainReuses(seen({ posts: twice, turns, kills: kills(3_950) })).byKill).toBe(0);
    expect(explainReuses(seen({ posts: twice, turns: whole, kills: kills(500) })).byKill).toBe(0);
    expect(explainReuses(seen({ posts: twice, turns, kills: new Map([['b', 110]]) })).byKill).toBe(0);
    const late = [post('b/1', 4_000), post('a/1', 5_000, 400)];
    expect(explainReuses(seen({ posts: late, turns, kills: kills(110) })).byKill).toBe(1);
  });

  it('takes a pause for the reason where the first stood still between its post and its save', () => {
    const turns = { 'a/1': turn('a', 50, 5_000), 'b/1': turn('b', 3_900, 4_100) };
    const stills = [{ by: 'a', from: 120, to: 4_900 }];
    expect(explainReuses(seen({ posts: twice, turns, stills }))).toMatchObject({
      byPause: 1,
      unexplained: [],
    });
  });

  it('takes a pause for the reason where the second had had the turn before, and its post came late', () => {
    const posts = [post('b/1', 4_000), post('a/1', 4_500, 400)];
    const turns = { 'a/1': turn('a', 50, 4_600), 'b/1': turn('b', 3_900, 4_100) };
    const stills = [{ by: 'a', from: 60, to: 4_490 }];
    expect(explainReuses(seen({ posts, turns, stills }))).toMatchObject({ byPause: 1, unexplained: [] });
  });

  it('takes none that was too short, of another process, or over or after the turn', () => {
    const turns = { 'a/1': turn('a', 50, 3_000), 'b/1': turn('b', 3_900, 4_100) };
    for (const still of [
      { by: 'a', from: 120, to: 1_500 },
      { by: 'b', from: 120, to: 2_900 },
      { by: 'a', from: 2_000, to: 9_000 },
      { by: 'a', from: 0, to: 1_000 },
    ])
      expect(explainReuses(seen({ posts: twice, turns, stills: [still] })).unexplained).toHaveLength(1);
  });

  it('takes a lapse for the reason where the turn was lost after half a lease, and what follows for its aftermath', () => {
    const lapsed = { ...whole, 'a/1': turn('a', 50, 2_900, 2_800) };
    const posts = [...twice, post('c/1', 5_000, 400)];
    const turns = { ...lapsed, 'c/1': turn('c', 4_500, 5_100) };
    expect(explainReuses(seen({ posts, turns }))).toMatchObject({ byLapse: 2, unexplained: [] });
    const late = [post('b/1', 4_000), post('a/1', 9_000, 400)];
    expect(explainReuses(seen({ posts: late, turns: lapsed }))).toMatchObject({
      byLapse: 1,
      unexplained: [],
    });
    const early = { ...whole, 'a/1': turn('a', 50, 200, 190) };
    expect(explainReuses(seen({ posts: twice, turns: early })).unexplained).toHaveLength(1);
  });

  it('counts what follows an explained reuse as its aftermath', () => {
    const turns = { 'a/1': turn('a', 50, 5_000), 'b/1': turn('b', 3_900, 4_100), 'c/1': turn('c', 20, 30) };
    const stills = [{ by: 'a', from: 120, to: 4_900 }];
    const posts = [...twice, post('c/1', 6_000, 400)];
    expect(explainReuses(seen({ posts, turns, stills }))).toMatchObject({
      reuses: 2,
      byPause: 1,
      aftermath: 1,
      unexplained: [],
    });
  });
});

describe('startedLate', () => {
  it('names what was begun after the signal of its turn, however late it arrived', () => {
    const turns = { 'a/1': turn('a', 50, 2_900, 2_800), 'b/1': turn('b', 3_000) };
    const posts = [{ ...post('a/1', 9_000), sent: 2_799 }, post('a/1', 2_900), post('b/1', 3_100)];
    expect(startedLate(seen({ posts, turns }))).toEqual([posts[1]]);
  });
});

describe('overlongMs', () => {
  const wait = { by: 'b', key: 'k', from: 1_000, to: 5_000 };

  it('takes off the standing still of the one who waits, and a lease for each holder that was hit', () => {
    expect(overlongMs(seen({ waits: [wait] }))).toEqual([4_000]);
    const stills = [{ by: 'b', from: 0, to: 2_000 }];
    expect(overlongMs(seen({ waits: [wait], stills }))).toEqual([3_000]);
    const turns = { 'a/1': turn('a', 900) };
    const kills = new Map([['a', 950]]);
    expect(overlongMs(seen({ waits: [wait], turns, kills }))).toEqual([1_000]);
    const others = { 'a/1': { ...turn('a', 900), key: 'other' }, 'c/1': turn('c', 1_100, 1_200) };
    expect(overlongMs(seen({ waits: [wait], turns: others, kills }))).toEqual([4_000]);
  });
});
