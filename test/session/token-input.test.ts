import { describe, expect, it } from 'vitest';
import { isAuthError, TokenResponseError } from '../../src/errors.js';
import { parseTokenInput } from '../../src/session/token-input.js';

describe('parseTokenInput', () => {
  it('throws a TokenResponseError with issues and without the values', () => {
    const secret = 'line\nbreak-secret';
    let thrown: unknown;
    try {
      parseTokenInput({ access_token: secret, token_type: 'secret-type', refresh_token: 5 }, 0);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TokenResponseError);
    expect(isAuthError(thrown)).toBe(true);
    expect((thrown as TokenResponseError).issues).toEqual([
      { message: 'must be a non-empty string of visible ASCII', path: ['access_token'] },
      { message: expect.stringContaining('Bearer or DPoP'), path: ['token_type'] },
      { message: 'must be a string', path: ['refresh_token'] },
    ]);
    expect((thrown as Error).message).toMatch(
      /^This is no token response: access_token must be a [^;]+; token_type must be [^;]+; refresh_token must be a string$/,
    );
    expect(JSON.stringify(thrown) + String(thrown)).not.toContain('secret');
  });

  it('returns the tokens', () => {
    expect(parseTokenInput({ access_token: 'a', expires_in: 60 }, 1_000)).toEqual({
      accessToken: 'a',
      expiresAt: 61_000,
    });
  });
});
