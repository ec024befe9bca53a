import * as fc from 'fast-check';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { decodeJwt, jwtLifetime, type StandardSchemaLike } from '../../src/protocol/jwt.js';

const encode = (value: string) => Buffer.from(value).toString('base64url');
const jwt = (claims: unknown, header: unknown = { alg: 'none' }) =>
  `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}.c2ln`;
const schemaOf = (validate: (value: unknown) => unknown): StandardSchemaLike<unknown> => ({
  '~standard': { version: 1, vendor: 'test', validate },
});

function messageOf(task: () => unknown): string {
  try {
    task();
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

afterEach(() => vi.unstubAllGlobals());

describe('decodeJwt', () => {
  it.each([
    ['', 'empty'],
    ['opaque', 'one part'],
    ['a.b', 'two parts'],
    [`${jwt({})}.x`, 'four parts'],
    ['e30.e30.x.y.z', 'the five parts of a JWE'],
    [jwt([]), 'an array of claims'],
    [jwt('text'), 'text for claims'],
    [jwt(null), 'null for claims'],
    [jwt({}, 'text'), 'text for a header'],
    [`${encode('{}')}.${encode('{"a":')}.`, 'broken JSON'],
    [`${encode('{}')}.e30=.`, 'padding'],
    [`${encode('{}')}.e3+/.`, 'base64 that is not base64url'],
    [`${encode('{}')}.e30 .`, 'a space'],
    [`${encode('{}')}.e30AA.`, 'a length that no encoder makes'],
    [
      `${encode('{}')}.${Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')}.`,
      'no UTF-8',
    ],
  ])('throws a TypeError without the token for %s (%s)', (token) => {
    expect(messageOf(() => decodeJwt(token))).toBe('jwt: this is no JWT');
    expect(jwtLifetime(token)).toBeUndefined();
  });

  it('throws a TypeError for what is no string', () => {
    for (const token of [undefined, null, 5, {}]) {
      expect(messageOf(() => decodeJwt(token as never))).toBe('jwt: this is no JWT');
    }
  });

  it('reads what jose writes', async () => {
    const key = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
    const token = await new SignJWT({ sub: 'zoë', roles: ['a'] })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key);
    expect(decodeJwt(token)).toEqual({ sub: 'zoë', roles: ['a'] });
  });

  it('reads every text, without atob and TextDecoder', () => {
    vi.stubGlobal('atob', undefined);
    vi.stubGlobal('TextDecoder', undefined);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => decodeJwt(jwt({ text }))['text'] === text),
    );
    expect(decodeJwt(jwt({ text: '100%25 é € 😀' }))).toEqual({ text: '100%25 é € 😀' });
  });

  it('returns what the schema makes of the claims', () => {
    const schema = z.object({ sub: z.string() });
    expect(decodeJwt(jwt({ sub: 'u', other: 1 }), schema)).toEqual({ sub: 'u' });
  });

  it('lists what the schema finds wrong, without the claims', () => {
    const schema = z.object({ user: z.object({ id: z.number('must be a number') }) });
    const message = messageOf(() => decodeJwt(jwt({ user: { id: 'private' } }), schema));
    expect(message).toBe('jwt: the claims do not fit the schema: user.id: must be a number');
    const issues = [{ message: 'bad\u0007', path: [{ key: 'a' }, 0] }, { message: 'worse' }];
    expect(
      messageOf(() =>
        decodeJwt(
          jwt({}),
          schemaOf(() => ({ issues })),
        ),
      ),
    ).toBe('jwt: the claims do not fit the schema: a.0: bad?; worse');
  });

  it('refuses a schema that answers later, or is none', () => {
    const later = schemaOf(() => Promise.reject(new Error('nobody hears of this')));
    expect(messageOf(() => decodeJwt(jwt({}), later))).toContain('schema: must validate synchronously');
    for (const none of [null, {}, schemaOf(5 as never)]) {
      expect(messageOf(() => decodeJwt(jwt({}), none as never))).toContain(
        'schema: must be a Standard Schema',
      );
    }
    for (const answer of [undefined, null, 5, {}]) {
      expect(
        messageOf(() =>
          decodeJwt(
            jwt({}),
            schemaOf(() => answer),
          ),
        ),
      ).toContain('schema: ');
    }
  });
});

describe('jwtLifetime', () => {
  it('never throws', () => {
    for (const token of [undefined, null, 5, 'a.b.c', '...', {}]) expect(jwtLifetime(token)).toBeUndefined();
  });

  it('tells only numbers', () => {
    expect(jwtLifetime(jwt({ exp: 5, iat: 3 }))).toEqual({ exp: 5, iat: 3 });
    expect(jwtLifetime(jwt({ exp: '5', iat: null }))).toEqual({ exp: undefined, iat: undefined });
  });
});
