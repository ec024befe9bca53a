import { describe, expect, it } from 'vitest';
import { createAuthFetch } from '../src/fetch/auth-fetch.js';
import { clientCredentialsGrant } from '../src/oauth/client-credentials.js';
import { refreshTokenGrant } from '../src/oauth/refresh-token.js';
import { bearer } from '../src/schemes/bearer.js';
import { createCookieSession } from '../src/session/cookie-session.js';
import { customStore } from '../src/session/custom-store.js';
import { createSession } from '../src/session/session.js';

/** What JavaScript lets through: nothing at all, null, or the function that was meant for an option. */
const none = [undefined, null, async () => null] as const;

describe('createAuthFetch', () => {
  it.each(none)('names the options where they are %s', (options) => {
    const misuse = new TypeError('createAuthFetch: the options must be an object');
    expect(() => createAuthFetch(options as never)).toThrow(misuse);
  });
});

describe('createSession', () => {
  it.each(none.slice(1))('names the options where they are %s', (options) => {
    const misuse = new TypeError('createSession: the options must be an object');
    expect(() => createSession(options as never)).toThrow(misuse);
  });

  it('says which stores are read-only to who signs in over one', async () => {
    const session = createSession({ store: customStore({ read: () => null }) });
    await expect(session.signIn({ accessToken: 'a' })).rejects.toThrow(
      new TypeError('signIn: the store is read-only: customStore without `write`, or webStore on a server'),
    );
  });

  it.each([[undefined], ['a-token'], [['a-token']]])(
    'says what tokens are where refresh brings %j',
    async (brought) => {
      const session = createSession({ refresh: async () => brought as never });
      await session.signIn({ accessToken: 'a', refreshToken: 'r' });
      await expect(session.refresh()).rejects.toMatchObject({
        code: 'token-response',
        message: 'This is no token response: must be an object with accessToken or access_token',
      });
    },
  );
});

describe('RefreshRejectedError', () => {
  it('names an error of RFC 6749 whole, also where the tokens of a test are single letters', async () => {
    const session = createSession({
      refresh: async () => Response.json({ error: 'invalid_grant' }, { status: 400 }),
    });
    await session.signIn({ accessToken: 'a', refreshToken: 'r' });
    await expect(session.refresh()).rejects.toMatchObject({
      error: 'invalid_grant',
      message: 'The refresh was rejected: invalid_grant',
    });
  });
});

describe('createCookieSession', () => {
  it.each(none)('names the options where they are %s', (options) => {
    const misuse = new TypeError('createCookieSession: the options must be an object');
    expect(() => createCookieSession(options as never)).toThrow(misuse);
  });
});

describe.each([clientCredentialsGrant, refreshTokenGrant])('%o', (grant) => {
  it.each(none.slice(0, 2))('names the options where they are %s', (options) => {
    expect(() => grant(options as never)).toThrow(new TypeError('options must be given'));
  });
});

describe('bearer', () => {
  it('says that its token comes without the name of the scheme', () => {
    expect(() => bearer('Bearer a-token')).toThrow(
      new TypeError(
        'bearer: the source must be one or more visible ASCII characters, without "Bearer" before them',
      ),
    );
  });
});
