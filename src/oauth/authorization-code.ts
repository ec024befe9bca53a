import { RefreshRejectedError } from '../errors.js';
import type { Session } from '../session/types.js';
import { alone } from './alone.js';
import { authorizationRequest, type Wanted } from './authorization-request.js';
import { misuse, requireText } from './misuse.js';
import type { ProviderOptions } from './options.js';
import { coreOf, type Provider } from './provider.js';
import { redeem } from './redeem.js';
import { redirectUriOf } from './redirect-uri.js';
import { readTransaction } from './transaction.js';

/** Where the user comes back to, and how the request is sent. */
export interface AuthorizationCodeOptions {
  /** As registered with the server; compared by it character by character (RFC 9700, section 2.1). */
  redirectUri: string;
  /** Pushes the request to the server first (RFC 9126). @default where the server's metadata require it */
  pushed?: boolean | undefined;
}

/** What one sign-in asks for beyond the provider's options. */
export interface BeginOptions {
  /** In place of the provider's. */
  scope?: string | undefined;
  /** OpenID Connect Core 1.0, section 3.1.2.1: `login`, `consent`, `select_account`, `none`. */
  prompt?: string | undefined;
  /** The authentication wanted, the most wanted first (OpenID Connect Core 1.0, section 3.1.2.1). */
  acrValues?: readonly string[] | undefined;
  /** Seconds since the user may have signed in; the ID Token is held to it. */
  maxAge?: number | undefined;
  /** Whom the sign-in page should ask for. */
  loginHint?: string | undefined;
}

/** A sign-in that leaves the page and comes back. */
export interface AuthorizationCodeFlow {
  /**
   * Makes the authorization request: open `url`, and keep `transaction` until the user comes back.
   *
   * The transaction holds the code verifier: keep it where only this user's browser gets it (sessionStorage, a sealed
   * cookie), and nowhere else.
   *
   * @throws RefreshUnavailableError where the server is out of reach; RefreshMisconfiguredError where it has no usable
   * authorization endpoint, or the platform no secure randomness; TypeError naming an option that cannot be.
   */
  begin(options?: BeginOptions): Promise<{ readonly url: string; readonly transaction: string }>;
  /**
   * Redeems the code that the user came back with, and signs the session in.
   *
   * A transaction is good for one hour and, in one JavaScript context, for one use.
   *
   * @param callbackUrl The whole URL that the server redirected to.
   * @throws RefreshRejectedError where the user declined (`error`), the response is another's, or the code is spent.
   * @throws RefreshUnavailableError, RefreshMisconfiguredError, TokenResponseError as {@link refreshTokenGrant}.
   */
  finish(callbackUrl: string | URL, transaction: string): Promise<void>;
}

/**
 * Signs a user in with an authorization code and PKCE (RFC 6749, section 4.1; RFC 7636; RFC 9700, section 2.1.1),
 * where the app is left meanwhile: pages, and servers that render them.
 *
 * Checks `state`, `iss` (RFC 9207) and, where `scope` has `openid`, the ID Token's nonce, issuer and audience.
 *
 * @throws TypeError naming an option that cannot work, when it is made.
 * @example
 * ```ts
 * const login = authorizationCode(session, idp, { redirectUri: `${location.origin}/callback` });
 * const { url, transaction } = await login.begin();
 * sessionStorage.setItem('login', transaction);
 * location.assign(url);
 * // at /callback:
 * await login.finish(location.href, sessionStorage.getItem('login') ?? '');
 * ```
 */
export function authorizationCode(
  session: Pick<Session, 'signIn'>,
  provider: Provider | ProviderOptions,
  options: AuthorizationCodeOptions,
): AuthorizationCodeFlow {
  if (typeof session?.signIn !== 'function') misuse('session', 'must be a session');
  const core = coreOf(provider);
  const redirectUri = redirectUriOf(options);
  const { pushed } = options;
  return {
    async begin(asked = {}) {
      const wanted: Wanted = { redirectUri, pushed, ...wantedBy(asked), scope: asked.scope ?? core.scope };
      const { url, transaction } = await alone((context) => authorizationRequest(core, wanted, context));
      return { url, transaction: JSON.stringify(transaction) };
    },
    async finish(callbackUrl, kept) {
      const url = callbackUrl instanceof URL ? callbackUrl.href : callbackUrl;
      if (typeof url !== 'string') misuse('callbackUrl', 'must be a URL');
      if (typeof kept !== 'string') misuse('transaction', 'must be the text that begin() made');
      const transaction = readTransaction(kept, { boundTo: core.boundTo, redirectUri });
      const renewed = await alone((context) => redeem(core, url, transaction, context));
      if (renewed === null) throw new RefreshRejectedError();
      await session.signIn(renewed);
    },
  };
}

function wantedBy({
  scope,
  prompt,
  acrValues,
  maxAge,
  loginHint,
}: BeginOptions): Pick<Wanted, 'maxAge' | 'more'> {
  const more: Record<string, string> = {};
  if (scope !== undefined && scope !== '') requireText('scope', scope);
  if (prompt !== undefined) more['prompt'] = requireText('prompt', prompt);
  if (acrValues !== undefined) {
    if (!Array.isArray(acrValues)) misuse('acrValues', 'must be an array of strings');
    more['acr_values'] = acrValues.map((value) => requireText('acrValues', value)).join(' ');
  }
  if (loginHint !== undefined) more['login_hint'] = requireText('loginHint', loginHint);
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && maxAge >= 0)) {
    misuse('maxAge', 'must be a whole number of seconds');
  }
  return { maxAge, more };
}
