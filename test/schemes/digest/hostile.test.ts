import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuthFetch } from '../../../src/fetch.js';
import { digest } from '../../../src/schemes/digest/digest.js';
import { anyText } from '../../support/any-text.js';
import { HOST, MUFASA, paramsOf } from './support.js';

const names = ['realm', 'nonce', 'opaque', 'algorithm', 'qop', 'stale', 'domain', 'userhash', 'charset'];
const values = fc.oneof(
  fc.constantFrom(
    '',
    'auth',
    'auth-int',
    'auth,auth-int',
    'true',
    'MD5',
    'SHA-256-sess',
    '/',
    'https://evil.test/',
    '\\',
  ),
  fc.string({ maxLength: 12 }),
);
const param = fc
  .tuple(fc.constantFrom(...names), values)
  .map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&').replace(/[^ -~]/g, '')}"`);
const digestField = fc.array(param, { maxLength: 9 }).map((params) => `Digest ${params.join(', ')}`);
const info = fc
  .array(fc.tuple(fc.constantFrom('nextnonce', 'rspauth', 'qop', 'nc', 'cnonce'), values), { maxLength: 4 })
  .map((all) => all.map(([name, value]) => `${name}="${value.replace(/[^ !#-[\]-~]/g, '')}"`).join(', '));

describe('a hostile server', () => {
  it('gets no more than a few sendings, no loop, no crash, and only to the configured origin', async () => {
    const answer = fc.record({
      status: fc.constantFrom(200, 401, 401, 401, 403, 500, 302),
      field: fc.oneof(
        digestField,
        fc.array(digestField, { maxLength: 3 }).map((all) => all.join(', ')),
      ),
      info,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (answers, verifyServer) => {
          const urls: string[] = [];
          let n = 0;
          const authFetch = createAuthFetch({
            baseUrl: HOST,
            auth: digest(MUFASA, { verifyServer }),
            fetch: async (input, init) => {
              const { url, headers } = new Request(input, init);
              urls.push(url);
              const authorization = headers.get('authorization');
              if (authorization !== null) {
                expect(url.startsWith(`${HOST}/`)).toBe(true);
                expect(paramsOf(authorization)['username*']).toBeUndefined();
                expect(authorization).not.toContain('Circle');
              }
              const { status, field, info } = answers[n++ % answers.length] as (typeof answers)[number];
              const more: Record<string, string> = status === 302 ? { Location: '/next' } : {};
              return new Response('', {
                status,
                headers: { 'WWW-Authenticate': field, 'Authentication-Info': info, ...more },
              });
            },
          });
          for (let i = 0; i < 3; i++) {
            urls.length = 0;
            const outcome = await authFetch('/a').catch((error: unknown) => error);
            const code = (outcome as { code?: string }).code;
            const message = (outcome as { message?: string }).message ?? '';
            expect(
              outcome instanceof Response ||
                code === 'server-not-verified' ||
                message.includes('redirected more than'),
            ).toBe(true);
            expect(urls.length).toBeLessThanOrEqual(5 * 21);
            if (!answers.some(({ status }) => status === 302)) expect(urls.length).toBeLessThanOrEqual(4);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('may send 64 KiB of anything', async () => {
    for (const piece of [
      'a="\\"",',
      'qop="auth,",',
      'nonce="n",realm="r",',
      'domain="/ ",nonce=n,realm=r,',
      '"',
    ]) {
      const field = `Digest ${piece.repeat(65_536 / piece.length)}`;
      const fetch = async () => new Response('', { status: 401, headers: { 'WWW-Authenticate': field } });
      const authFetch = createAuthFetch({ baseUrl: HOST, auth: digest(MUFASA), fetch });
      expect((await authFetch('/')).status).toBe(401);
    }
  });

  it('sees in what is sent exactly what it asked for, whatever that is', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (realm, opaque) => {
        const scheme = digest(MUFASA);
        const challenge = { scheme: 'digest', params: { realm, nonce: 'n', opaque, qop: 'auth' } };
        const target = { url: `${HOST}/`, method: 'GET', headers: new Headers(), body: 'none' } as const;
        if (scheme.remedy?.(challenge, undefined) === undefined) return;
        const written = await scheme.credentials(target, challenge);
        const field = new Headers(written?.headers as Record<string, string>).get('authorization');
        expect(paramsOf(field)).toMatchObject({ username: 'Mufasa', realm, opaque, nonce: 'n' });
      }),
    );
  });
});
