import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../src/protocol/challenge.js';
import { digest } from '../../../src/schemes/digest/digest.js';
import { expected, fieldOf, nodeHash, paramsOf, targetOf } from './support.js';

async function written(username: string, password: string, more = '') {
  const scheme = digest({ username, password }, { cnonce: () => 'c' });
  const [asked] = parseChallenges(`Digest realm="r", nonce="n", qop="auth"${more}`);
  const field = fieldOf(await scheme.credentials(targetOf(), asked));
  return { field, params: paramsOf(field) };
}

describe('digest: user names and passwords', () => {
  it('are hashed in UTF-8 and NFC, whatever charset is named (3.17)', async () => {
    for (const more of ['', ', charset=UTF-8', ', charset="utf-8"', ', charset=ISO-8859-1']) {
      const composed = await written('J\u00e4s\u00f8n', 'p\u00e4ss\u20ac', more);
      const decomposed = await written('Ja\u0308s\u00f8n', 'pa\u0308ss\u20ac', more);
      expect(decomposed.field).toBe(composed.field);
      const user = { username: 'J\u00e4s\u00f8n', password: 'p\u00e4ss\u20ac' };
      expect(composed.params['response']).toBe(expected(composed.params, 'GET', user));
    }
  });

  it('hash a realm byte by byte as it came (3.17)', async () => {
    const bytes = Buffer.from('Réalm €').toString('latin1');
    const asked = { scheme: 'digest', params: { realm: bytes, nonce: 'n', charset: 'UTF-8' } };
    const scheme = digest({ username: 'u', password: 'p' });
    const params = paramsOf(fieldOf(await scheme.credentials(targetOf(), asked)));
    expect(params['realm']).toBe(bytes);
    const key = nodeHash('md5', new Uint8Array(Buffer.from('u:Réalm €:p')));
    expect(params['response']).toBe(nodeHash('md5', `${key}:n:${nodeHash('md5', 'GET:/')}`));
  });

  it('send a hashed name where the server wants it, and keep the plain one in A1 (3.18)', async () => {
    const { field, params } = await written('J\u00e4s\u00f8n', 'p', ', userhash=TRUE, algorithm=SHA-256');
    const name = Buffer.from('J\u00e4s\u00f8n').toString('latin1');
    expect(params['username']).toBe(nodeHash('sha-256', `${name}:r`));
    expect(field).toMatch(/, userhash=true$/);
    expect(field).not.toContain('username*');
    expect(params['response']).toBe(expected(params, 'GET', { username: 'J\u00e4s\u00f8n', password: 'p' }));
  });

  it.each([
    ['J\u00e4s\u00f8n Doe', "UTF-8''J%C3%A4s%C3%B8n%20Doe"],
    ["\u20ac'(*)!~", "UTF-8''%E2%82%AC%27%28%2A%29!~"],
    ['\u65e5\u672c\ud83d\ude00', "UTF-8''%E6%97%A5%E6%9C%AC%F0%9F%98%80"],
  ])('write %s as username*, unquoted and in place of username (3.19)', async (username, ext) => {
    const { field, params } = await written(username, 'p');
    expect(field).toMatch(/^Digest username\*=UTF-8''/);
    expect(params['username*']).toBe(ext);
    expect(params).not.toHaveProperty('username');
    expect(params).not.toHaveProperty('userhash');
  });

  it('stay as they are in ASCII (3.19)', async () => {
    expect((await written("o'Brien (x) *~", '')).params['username']).toBe("o'Brien (x) *~");
    expect((await written('', '')).params['username']).toBe('');
  });

  it('are refused where Digest cannot encode them, without being told', () => {
    const bad = (username: unknown, password: unknown) => () =>
      digest({ username, password } as { username: string; password: string });
    expect(bad('s3cret:', 'p')).toThrow(new TypeError('digest: `username` must not contain a colon'));
    expect(bad('u\n', 'p')).toThrow(new TypeError('digest: `username` must not contain control characters'));
    expect(bad('u', 'p\ud800')).toThrow(new TypeError('digest: `password` must be well-formed text'));
    expect(bad('u', undefined)).toThrow(new TypeError('digest: `password` must be a string'));
    expect(bad('u', 'a:b')).not.toThrow();
  });
});
