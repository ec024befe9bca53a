import { basicAuthorization } from './basic-authorization.js';
import { basicFromProvider, type UserPasswordProvider } from './basic-provider.js';
import type { Scheme } from './scheme.js';
import type { UserPassword } from './user-password.js';

export type { UserPasswordProvider } from './basic-provider.js';
export type { UserPassword } from './user-password.js';

/**
 * The auth-scheme "Basic" (RFC 7617, section 2): user-id and password in UTF-8, whatever charset the challenge names.
 *
 * Given credentials are sent with every request. A function is asked when a server challenges, once for all
 * requests that wait, and again when what it returned was refused; what was accepted is then sent below that
 * path without being asked for. In one call no credentials are sent again after they were refused.
 *
 * @throws TypeError where `username` or `password` is no text that RFC 7617 can encode; from the call, where a function returned it.
 * @example
 * ```ts
 * basic({ username: 'Aladdin', password: 'open sesame' })
 * basic(({ realm, refused }) => prompt.signIn(`Sign in to ${realm}`, { again: refused }))
 * ```
 */
export function basic(credentials: UserPassword | UserPasswordProvider): Scheme {
  if (typeof credentials === 'function') return basicFromProvider(credentials);
  if (typeof credentials !== 'object' || credentials === null) {
    throw new TypeError(
      'basic: `credentials` must be { username, password } or a function that returns them',
    );
  }
  const authorization = basicAuthorization(credentials);
  const written = Object.freeze({
    headers: Object.freeze({ Authorization: authorization }),
    version: authorization,
  });
  return {
    name: 'basic',
    credentials: () => written,
    remedy: (challenge, refused) =>
      refused === undefined && (challenge === undefined || challenge.scheme === 'basic')
        ? 'answer'
        : undefined,
  };
}
