import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htuOf, originOf } from '../../../src/schemes/dpop/htu.js';

describe('htuOf', () => {
  it.each([
    ['https://api.example.com/x?a=1#f', 'https://api.example.com/x'],
    ['https://api.example.com?a=1', 'https://api.example.com/'],
    ['https://api.example.com#f', 'https://api.example.com/'],
    ['HTTPS://API.Example.COM:443/X', 'https://api.example.com/X'],
    ['http://localhost:80/', 'http://localhost/'],
    ['https://api.example.com:8443/', 'https://api.example.com:8443/'],
    ['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
    ['https://api.example.com/a/./b/../c/%2e%2e/d', 'https://api.example.com/a/d'],
    ['https://api.example.com/a%2Fb%2f~%7e', 'https://api.example.com/a%2Fb%2f~%7e'],
    ['https://api.example.com//x//', 'https://api.example.com//x//'],
    ['http://[::1]:8080/x', 'http://[::1]:8080/x'],
  ])('of %s is the URI that is sent, without query and fragment', (url, htu) => {
    expect(htuOf(url)).toBe(htu);
  });

  it('is what fetch makes of the URL, whatever it holds', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        expect(htuOf(url)).toBe(new Request(url).url.replace(/[?#].*$/s, ''));
      }),
    );
  });
});

describe('originOf', () => {
  it('keeps scheme, host and port, and is empty for what is no URL', () => {
    const urls = ['HTTPS://API.example.com:443/x', 'http://localhost:8080?a', '/x', '', 'https://'];
    expect(urls.map(originOf)).toEqual(['https://api.example.com', 'http://localhost:8080', '', '', '']);
  });
});
