import { describe, expect, it } from 'vitest';
import { beginsInside, isConfidential, originByText } from '../../src/protocol/protection-space.js';

const ORIGINS = ['https://api.example.com', 'http://localhost:3000'];

describe('beginsInside', () => {
  it.each([
    'https://api.example.com.evil.test/',
    'https://api.example.com@evil.test/',
    'https://api.example.com:444/',
    'https://api.example.com\\@evil.test/',
    'https://api.example.com\t.evil.test/',
    'https://api.example.co',
    'http://api.example.com/',
    '//api.example.com/',
    ' https://api.example.com/',
    'HTTPS://API.EXAMPLE.COM/',
    '/x',
    '',
  ])('is false for %j', (url) => {
    expect(beginsInside(url, ORIGINS)).toBe(false);
  });

  it.each([
    'https://api.example.com',
    'https://api.example.com/',
    'https://api.example.com?q',
    'https://api.example.com#f',
    'http://localhost:3000/x',
  ])('is true for %j, as it is for the URL standard', (url) => {
    expect(beginsInside(url, ORIGINS)).toBe(true);
    expect(ORIGINS).toContain(new URL(url).origin);
  });
});

describe('isConfidential', () => {
  it.each([
    'http://example.com',
    'http://localhost.evil.test',
    'http://127.0.0.1.evil.test',
    'http://192.168.0.1',
  ])('is false for %s', (origin) => {
    expect(isConfidential(origin)).toBe(false);
  });
  it.each([
    'https://example.com',
    'http://localhost:3000',
    'http://a.localhost',
    'http://127.9.8.7',
    'http://[::1]:80',
  ])('is true for %s', (origin) => {
    expect(isConfidential(origin)).toBe(true);
  });
});

describe('originByText', () => {
  it.each([
    'ftp://a.example',
    'https://u@a.example',
    'https://a.example\\x',
    'https://a b',
    '/x',
    'https://',
  ])('does not know %j', (url) => {
    expect(originByText(url)).toBeUndefined();
  });
  it.each([
    'HTTPS://API.Example.com:443/a',
    'http://a.example:80?x',
    'http://a.example:8080#x',
    'http://[::1]:80/x',
    'https://a.example',
  ])('agrees with the URL standard about %s', (url) => {
    expect(originByText(url)).toBe(new URL(url).origin);
  });
});
