import { describe, expect, it } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { parseChallenges } from '../../src/protocol/challenge.js';
import { basic } from '../../src/schemes/basic.js';
import type { Target } from '../../src/schemes/scheme.js';

const target: Target = { url: 'https://h.example/', method: 'GET', headers: new Headers(), body: 'none' };
const written = (username: string, password: string) => {
  const credentials = basic({ username, password }).credentials(target);
  return (credentials as { headers: Record<string, string> }).headers['Authorization'];
};
const utf8 = (text: string) => `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
const [challenge] = parseChallenges('Basic realm="r"');
const options = (option: string, value: unknown) => ({ username: 'u', password: 'p', [option]: value });

describe('basic', () => {
  it.each(['username', 'password'])('throws a TypeError naming `%s` where it is no string', (option) => {
    for (const value of [undefined, null, 7, {}]) {
      expect(() => basic(options(option, value) as never)).toThrow(
        new TypeError(`basic: \`${option}\` must be a string`),
      );
    }
  });

  it('throws a TypeError where it is given nothing to send', () => {
    for (const value of [undefined, null, 'u:p'])
      expect(() => basic(value as never)).toThrow(/`credentials`/);
  });

  it('rejects user names containing ":", colons in the password are fine (2.2)', () => {
    expect(() => basic({ username: 's3cret:', password: 'p' })).toThrow(/`username`/);
    expect(() => basic({ username: 's3cret:', password: 'p' })).not.toThrow(/s3cret/);
    expect(written('u', 'p:q:')).toBe(utf8('u:p:q:'));
  });

  it('rejects control characters in user or password, without telling them (2.3)', () => {
    for (const control of ['\u0000', '\t', '\r', '\n', '\u001f', '\u007f']) {
      for (const option of ['username', 'password']) {
        const bad = () => basic(options(option, `s3cret${control}`) as never);
        expect(bad).toThrow(new TypeError(`basic: \`${option}\` must not contain control characters`));
      }
    }
  });

  it('rejects half a surrogate pair, which UTF-8 cannot hold', () => {
    expect(() => basic({ username: 'u', password: '\ud83d' })).toThrow(/`password` must be well-formed/);
  });

  it('builds user, colon, password in base64 with padding (2.1)', () => {
    expect(written('Aladdin', 'open sesame')).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
    expect(written('a', '??>>')).toBe('Basic YTo/Pz4+');
  });

  it('ignores every charset but UTF-8, and unknown parameters (2.4)', () => {
    const scheme = basic({ username: 'é', password: '€' });
    for (const field of [
      'Basic realm=r, charset="US-ASCII"',
      'Basic realm=r, charset=utf-8',
      'Basic realm=r, charset="UTF-8", odd=1',
    ]) {
      const [each] = parseChallenges(field);
      expect(scheme.remedy?.(each, undefined)).toBe('answer');
      expect(scheme.credentials(target, each)).toMatchObject({ headers: { Authorization: utf8('é:€') } });
    }
  });

  it('sends NFC-normalized UTF-8 (2.5)', () => {
    expect(written('test', '123£')).toBe('Basic dGVzdDoxMjPCow==');
    expect(written('Ame\u0301lie', 'A\u030angstro\u0308m')).toBe(utf8('Am\u00e9lie:\u00c5ngstr\u00f6m'));
  });

  it('encodes what is no latin1 in UTF-8 whatever the challenge says (2.6)', () => {
    for (const text of ['é', '€', '😀', '日本']) expect(written(text, text)).toBe(utf8(`${text}:${text}`));
  });

  it('answers a challenge without realm (2.8)', () => {
    const [bare] = parseChallenges('Basic');
    expect(basic({ username: 'u', password: 'p' }).remedy?.(bare, undefined)).toBe('answer');
  });

  it('allows an empty user and an empty password (2.10)', () => {
    expect(written('', '')).toBe('Basic Og==');
    expect(written('u', '')).toBe(utf8('u:'));
    expect(written('', 'p')).toBe(utf8(':p'));
  });

  it('does nothing about another scheme’s challenge', () => {
    const scheme = basic({ username: 'u', password: 'p' });
    expect(scheme.remedy?.(parseChallenges('Digest realm=r, nonce=n')[0], undefined)).toBeUndefined();
  });

  it('does nothing about a challenge after its credentials were refused (2.9)', () => {
    const scheme = basic({ username: 'u', password: 'p' });
    const sent = scheme.credentials(target) as object;
    expect(scheme.remedy?.(challenge, sent)).toBeUndefined();
    expect(scheme.remedy?.(undefined, sent)).toBeUndefined();
  });

  it('sends a wrong password once, and delivers the refusal with its body (2.9)', async () => {
    const sent: (string | null)[] = [];
    const authFetch = createAuthFetch({
      auth: basic({ username: 'u', password: 'wrong' }),
      baseUrl: 'https://h.example/',
      fetch: async (input, init) => {
        sent.push(new Request(input, init).headers.get('authorization'));
        return new Response('why', { status: 401, headers: { 'WWW-Authenticate': 'Basic realm=r' } });
      },
    });
    const response = await authFetch('/a');
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('why');
    expect(sent).toEqual([utf8('u:wrong')]);
    expect(outcomeOf(response)).toMatchObject({ sendings: 1 });
  });
});
