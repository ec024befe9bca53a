import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { digest } from '../../../src/digest.js';
import { createAuthFetch } from '../../../src/fetch.js';
import { placeOf } from '../../../src/schemes/digest/request-target.js';
import { isRight, paramsOf, served } from './support.js';

afterEach(() => vi.unstubAllGlobals());

const URLS = [
  '',
  '/',
  '?x=1',
  '#top',
  '/a b?q="c d"#f',
  '/%7Euser/%e4?%zz',
  '/ä/日本?ö=€',
  "/a'b(c)?d'e=<f>",
  '/x/../y/./z/%2e%2e/w',
  '\\back\\slash',
  '//double//slash',
  '/;p=1,2?a=1&a=2',
];

describe('uri', () => {
  it.each(URLS)('is the request-target as it is sent: %j (3.10)', async (path) => {
    const seen: (readonly [string | undefined, string | undefined])[] = [];
    const server = createServer((request, response) => {
      const { authorization } = request.headers;
      seen.push([request.url, paramsOf(authorization)['uri']]);
      const field = { 'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth"' };
      response.writeHead(authorization ? 200 : 401, field).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const authFetch = createAuthFetch({
        origins: origin,
        auth: digest({ username: 'u', password: 'p' }),
      });
      for (const input of [origin + path, new URL(origin + path), new Request(origin + path)]) {
        expect((await authFetch(input)).status).toBe(200);
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(seen).toHaveLength(4);
    for (const [sent, signed] of seen.slice(1)) expect(signed).toBe(sent);
  });

  it('is "/" for an empty path, and has no fragment (3.10)', () => {
    expect(placeOf('https://h')).toEqual({ origin: 'https://h', target: '/' });
    expect(placeOf('https://h?x=1#f?g')).toEqual({ origin: 'https://h', target: '/?x=1' });
  });

  it('is read as text where the platform’s URL is not the standard’s, or there is none', () => {
    const lame = class {
      readonly href: string;
      constructor(text: string) {
        this.href = `${text}/`;
      }
    };
    for (const URL of [lame, undefined]) {
      vi.stubGlobal('URL', URL);
      expect(placeOf('https://H:8443/a b/%41?ä="<\ud800>#x')).toEqual({
        origin: 'https://h:8443',
        target: '/a%20b/%41?%C3%A4=%22%3C%EF%BF%BD%3E',
      });
      expect(placeOf('https://h')).toEqual({ origin: 'https://h', target: '/' });
      expect(placeOf('https://h?x#y')).toEqual({ origin: 'https://h', target: '/?x' });
    }
  });

  it('goes with the method as it is sent: case counts, and HEAD is not GET (3.11)', async () => {
    const { authFetch, seen } = served((one) =>
      one.authorization
        ? new Response(null, { status: isRight(one) ? 200 : 403 })
        : new Response(null, {
            status: 401,
            headers: { 'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth"' },
          }),
    );
    for (const method of ['GET', 'head', 'propfind', 'PATCH', 'M-SEARCH', 'delete']) {
      expect((await authFetch('/x', { method })).status, method).toBe(200);
    }
    expect(new Set(seen.slice(1).map(({ params }) => params['response'])).size).toBe(6);
  });
});
