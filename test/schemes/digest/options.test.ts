import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseChallenges } from '../../../src/protocol/challenge.js';
import { digest } from '../../../src/schemes/digest/digest.js';
import type { DigestOptions } from '../../../src/schemes/digest/options.js';
import { challenge, expected, fieldOf, MUFASA, paramsOf, served, targetOf } from './support.js';

afterEach(() => vi.unstubAllGlobals());

const [asked] = parseChallenges('Digest realm="r", nonce="n", qop="auth"');

describe('digest', () => {
  it('throws a TypeError where it is given nobody to send', () => {
    for (const value of [undefined, null, 'u:p', 7]) {
      expect(() => digest(value as never)).toThrow(/^digest: `credentials` must be/);
    }
  });

  it.each([
    ['algorithms', []],
    ['algorithms', ['MD5', 'SHA-1']],
    ['algorithms', 'MD5'],
    ['verifyServer', 'yes'],
    ['cnonce', 'abc'],
  ])('throws a TypeError naming `%s` where it is %j', (option, value) => {
    const options = { [option]: value } as DigestOptions;
    expect(() => digest(MUFASA, options)).toThrow(new RegExp(`^digest: \`${option}\` must `));
    expect(() => digest(MUFASA, { [option]: undefined })).not.toThrow();
  });

  it('answers only the algorithms it is told, and delivers the refusal otherwise', async () => {
    const strict = served(() => challenge('realm="r", nonce="n"'), MUFASA, { algorithms: ['SHA-256'] });
    expect((await strict.authFetch('/')).status).toBe(401);
    expect(strict.seen).toHaveLength(1);
    const session = served(() => challenge('realm="r", nonce="n", algorithm=SHA-256-sess'), MUFASA, {
      algorithms: ['SHA-256'],
    });
    await session.authFetch('/');
    expect(session.seen).toHaveLength(2);
  });

  it('makes a client nonce of 128 random bits for every sending (3.9)', async () => {
    const scheme = digest(MUFASA);
    const cnonces = new Set<string | undefined>();
    for (let i = 0; i < 50; i++) {
      const params = paramsOf(fieldOf(await scheme.credentials(targetOf(), asked)));
      expect(params['cnonce']).toMatch(/^[0-9a-f]{32}$/);
      cnonces.add(params['cnonce']);
    }
    expect(cnonces.size).toBe(50);
  });

  it('says what is missing where the platform has no random numbers, and takes them from `cnonce`', async () => {
    for (const crypto of [undefined, {}]) {
      vi.stubGlobal('crypto', crypto);
      const { authFetch } = served(() => challenge('realm="r", nonce="n", qop="auth"'));
      await expect(authFetch('/')).rejects.toThrow(/`cnonce` must be given where the platform has no crypto/);
      const given = served(() => challenge('realm="r", nonce="n", qop="auth"'), MUFASA, {
        cnonce: () => 'mine',
      });
      await given.authFetch('/');
      expect(given.seen[1]?.params['cnonce']).toBe('mine');
      // RFC 2069 has none
      const old = served(() => challenge('realm="r", nonce="n"'));
      expect((await old.authFetch('/')).status).toBe(401);
      expect(old.seen).toHaveLength(2);
    }
  });

  it('needs no Web Crypto, TextEncoder, streams or URL', async () => {
    for (const name of ['crypto', 'TextEncoder', 'ReadableStream', 'URL']) vi.stubGlobal(name, undefined);
    const user = { username: 'J\u00e4s\u00f8n', password: '\u20ac' };
    const scheme = digest(user, { cnonce: () => 'c' });
    for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256-sess']) {
      const [one] = parseChallenges(`Digest realm="r", nonce="n", qop="auth-int", algorithm=${algorithm}`);
      const bytes = new Uint8Array([1, 2, 3]);
      const params = paramsOf(
        fieldOf(
          await scheme.credentials(
            targetOf('/a b', async () => bytes, 'POST'),
            one,
          ),
        ),
      );
      expect(params['uri']).toBe('/a%20b');
      expect(params['response']).toBe(expected(params, 'POST', user, '\u0001\u0002\u0003'));
    }
  });

  it('rejects the call where `cnonce` returns what no header can hold', async () => {
    for (const bad of ['a\r\nb', '\u20ac', 7, undefined]) {
      const { authFetch, seen } = served(() => challenge('realm="r", nonce="n", qop="auth"'), MUFASA, {
        cnonce: () => bad as string,
      });
      await expect(authFetch('/')).rejects.toThrow(/^digest: `cnonce` must return text/);
      expect(seen).toHaveLength(1);
    }
  });

  it('shows no password: not of the scheme, nor of what it writes', async () => {
    const scheme = digest({ username: 'u', password: 'hunter2hunter2' });
    const written = await scheme.credentials(targetOf(), asked);
    for (const shown of [scheme, written]) {
      const text = inspect(shown, { depth: 20, showHidden: true }) + JSON.stringify(shown);
      expect(text).not.toContain('hunter2');
    }
  });
});
