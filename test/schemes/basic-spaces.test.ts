import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { Held, Spaces } from '../../src/schemes/basic-spaces.js';

const challenged = (realm: string) => parseChallenges(`Basic realm="${realm}"`)[0];
const URL_A = 'https://h.example/a/b';

describe('Spaces', () => {
  it('keeps realms and origins apart, an absent realm from an empty one too', () => {
    const spaces = new Spaces();
    const all = [
      spaces.of(URL_A, challenged('r')),
      spaces.of(URL_A, challenged('s')),
      spaces.of(URL_A, challenged('')),
      spaces.of(URL_A, undefined),
      spaces.of('http://h.example/a/b', challenged('r')),
      spaces.of('https://h.example:8443/a/b', challenged('r')),
    ];
    expect(new Set(all).size).toBe(6);
    expect(spaces.of('https://H.example/other', challenged('r'))).toBe(all[0]);
  });

  it('forgets the oldest realm of a server that invents them', () => {
    const spaces = new Spaces();
    const first = spaces.of(URL_A, challenged('first'));
    for (let i = 0; i < 63; i++) spaces.of(URL_A, challenged(`r${i}`));
    expect(spaces.of(URL_A, challenged('first'))).toBe(first);
    spaces.of(URL_A, challenged('one more'));
    expect(spaces.of(URL_A, challenged('first'))).not.toBe(first);
  });

  it('remembers as many directories and no more', () => {
    const spaces = new Spaces();
    const held = new Held(spaces.of(URL_A, challenged('r')), 'Basic x');
    for (let i = 0; i < 100; i++) spaces.accept(held, `https://h.example/d${i}/x`);
    expect(spaces.accepted('https://h.example/d0/y')).toBeUndefined();
    expect(spaces.accepted('https://h.example/d99/y')).toBe(held);
  });

  it('prefers the deepest directory', () => {
    const spaces = new Spaces();
    const outer = new Held(spaces.of(URL_A, challenged('r')), 'Basic x');
    const inner = new Held(spaces.of(URL_A, challenged('s')), 'Basic y');
    spaces.accept(inner, 'https://h.example/a/b/c');
    spaces.accept(outer, 'https://h.example/a/x');
    expect(spaces.accepted('https://h.example/a/b/z')).toBe(inner);
    expect(spaces.accepted('https://h.example/a/z')).toBe(outer);
  });

  it('accepts nothing that was replaced meanwhile', () => {
    const spaces = new Spaces();
    const space = spaces.of(URL_A, challenged('r'));
    const old = new Held(space, 'Basic old');
    space.held = new Held(space, 'Basic new');
    spaces.accept(old, URL_A);
    expect(spaces.accepted(URL_A)).toBeUndefined();
  });

  it('sends nowhere any more what was refused, and keeps what replaced it', () => {
    const spaces = new Spaces();
    const space = spaces.of(URL_A, challenged('r'));
    const old = new Held(space, 'Basic old');
    spaces.accept(old, URL_A);
    spaces.accept(old, 'https://h.example/z/');
    const next = new Held(space, 'Basic new');
    space.held = next;
    spaces.refuse(old);
    expect(spaces.accepted(URL_A)).toBeUndefined();
    expect(spaces.accepted('https://h.example/z/')).toBeUndefined();
    expect(space.held).toBe(next);
  });
});
