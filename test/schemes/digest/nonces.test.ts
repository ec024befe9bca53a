import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../src/protocol/challenge.js';
import { ALGORITHMS } from '../../../src/schemes/digest/algorithm.js';
import { type Lane, Nonces } from '../../../src/schemes/digest/nonces.js';
import { readTerms, type Terms } from '../../../src/schemes/digest/terms.js';

const terms = readTerms(parseChallenges('Digest realm="r", nonce="n"')[0], ALGORITHMS) as Terms;
const laneOf = (nonces: Nonces, value: string): Lane => ({ terms, nonce: nonces.challenged(value) });

describe('Nonces', () => {
  it('has none before one was let in', () => {
    const nonces = new Nonces();
    laneOf(nonces, 'a');
    expect(nonces.take()).toBeUndefined();
  });

  it('shares the first that was let in, and keeps it', () => {
    const nonces = new Nonces();
    const [a, b] = [laneOf(nonces, 'a'), laneOf(nonces, 'b')];
    nonces.goOn(a, 1, undefined, true);
    nonces.goOn(b, 1, undefined, true);
    expect([nonces.take()?.nonce, nonces.take()?.nonce]).toEqual([a.nonce, a.nonce]);
  });

  it('goes on with nothing that was refused meanwhile, until it is given again', () => {
    const nonces = new Nonces();
    const a = laneOf(nonces, 'a');
    nonces.goOn(a, 1, undefined, true);
    nonces.end(a.nonce);
    nonces.goOn(a, 2, undefined, true);
    expect(nonces.take()).toBeUndefined();
    const again = laneOf(nonces, 'a');
    expect(again.nonce).toBe(a.nonce);
    nonces.goOn(again, 3, undefined, true);
    expect(nonces.take()?.nonce).toBe(a.nonce);
  });

  it('hands a one-time nonce out once, also where the server gives it to several', () => {
    const nonces = new Nonces();
    for (const value of ['a', 'b']) nonces.goOn(laneOf(nonces, value), 1, 'same', true);
    expect(nonces.take()?.nonce.value).toBe('same');
    expect(nonces.take()).toBeUndefined();
  });

  it('takes a nextnonce that is the same for none', () => {
    const nonces = new Nonces();
    const a = laneOf(nonces, 'a');
    nonces.goOn(a, 1, 'a', true);
    expect([nonces.take()?.nonce, nonces.take()?.nonce]).toEqual([a.nonce, a.nonce]);
  });

  it('hands the nonce of an error out once, until it has been used twice', () => {
    const nonces = new Nonces();
    const a = laneOf(nonces, 'a');
    nonces.goOn(a, 1, undefined, false);
    expect(nonces.take()?.nonce).toBe(a.nonce);
    expect(nonces.take()).toBeUndefined();
    nonces.goOn(a, 2, undefined, false);
    expect([nonces.take()?.nonce, nonces.take()?.nonce]).toEqual([a.nonce, a.nonce]);
  });

  it('drops a one-time nonce that is over', () => {
    const nonces = new Nonces();
    nonces.goOn(laneOf(nonces, 'a'), 1, 'next', true);
    nonces.end(nonces.of('next'));
    expect(nonces.take()).toBeUndefined();
  });

  it('remembers 64 of them, those used last, and 16 that wait', () => {
    const nonces = new Nonces();
    const first = nonces.of('0');
    for (let i = 1; i < 64; i++) nonces.of(String(i));
    expect(nonces.of('0')).toBe(first);
    nonces.of('64');
    expect(nonces.of('0')).toBe(first);
    for (let i = 65; i < 200; i++) nonces.of(String(i));
    expect(nonces.of('0')).not.toBe(first);

    for (let i = 0; i < 50; i++) nonces.goOn(laneOf(nonces, `x${i}`), 1, `y${i}`, true);
    const waiting = [];
    for (let lane = nonces.take(); lane; lane = nonces.take()) waiting.push(lane.nonce.value);
    expect(waiting).toEqual(Array.from({ length: 16 }, (_, i) => `y${49 - i}`));
  });
});
