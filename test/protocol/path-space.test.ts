import { describe, expect, it } from 'vitest';
import { directoryOf, isBelow, originText } from '../../src/protocol/path-space.js';

describe('originText', () => {
  it('is the scheme and authority in lower case', () => {
    expect(originText('HTTPS://H.Example:8443/A?b#c')).toBe('https://h.example:8443');
    expect(originText('https://h?x=/y')).toBe('https://h');
    expect(originText('/relative')).toBe('');
  });
});

describe('directoryOf', () => {
  it.each([
    ['https://h', 'https://h/'],
    ['https://h?x=/a/', 'https://h/'],
    ['https://h/', 'https://h/'],
    ['https://h/a', 'https://h/'],
    ['https://h/a/b', 'https://h/a/'],
    ['https://h/a/b/?c=/d/#/e/', 'https://h/a/b/'],
  ])('of %s is %s', (url, directory) => {
    expect(directoryOf(url)).toBe(directory);
  });
});

describe('isBelow', () => {
  it('is false for another origin, another directory, and what only begins alike', () => {
    for (const url of [
      'http://h/a/b',
      'https://h:1/a/b',
      'https://h.evil/a/',
      'https://h/ab/',
      'https://h/',
      'https://h/a',
    ]) {
      expect(isBelow('https://h/a/', url)).toBe(false);
    }
  });

  it('is false where dot segments may lead out', () => {
    for (const path of ['../b', 'x/../../b', '%2e%2E/b', '.%2e/b', 'x\\..\\..\\b', '.']) {
      expect(isBelow('https://h/a/', `https://h/a/${path}`)).toBe(false);
    }
  });

  it('is true at and below the directory, whatever the query', () => {
    for (const path of ['', 'b', 'b/c', '?x=/../', 'b.c', '#/../']) {
      expect(isBelow('https://h/a/', `https://h/a/${path}`)).toBe(true);
    }
  });
});
