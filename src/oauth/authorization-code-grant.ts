import { RefreshRejectedError } from '../errors.js';
import { unlessAborted } from '../promise.js';
import type { Acquire, GrantContext, Renewed } from '../session/grant.js';
import type { AuthorizationCodeOptions } from './authorization-code.js';
import { authorizationRequest, type Wanted } from './authorization-request.js';
import { misuse } from './misuse.js';
import type { ProviderOptions } from './options.js';
import { coreOf, type Provider } from './provider.js';
import type { Core } from './provider-core.js';
import { redeem } from './redeem.js';
import { redirectUriOf } from './redirect-uri.js';
import { within } from './within.js';

/** How long the user may take, in milliseconds. */
export const promptMs = 600_000;
const requestMs = 15_000;

/** How an app that stays alive shows the sign-in page. */
export interface AuthorizationCodeGrantOptions extends AuthorizationCodeOptions {
  /**
   * Opens `url` and resolves with the URL that the server redirected to; with nothing where the user closed the page.
   * Close it when `signal` aborts.
   */
  authorize(request: {
    readonly url: string;
    readonly signal: AbortSignal;
  }): Promise<string | URL | null | undefined>;
}

/**
 * Signs a user in with an authorization code and PKCE (RFC 6749, section 4.1; RFC 8252) where the app stays alive
 * meanwhile: React Native, a popup, a command line that listens on loopback.
 *
 * The user may take 10 minutes; whoever called waits so long, or until its own signal aborts. Checks and errors are
 * those of {@link authorizationCode}.
 *
 * @throws TypeError naming an option that cannot work, when it is made.
 * @example
 * ```ts
 * const session = createSession({
 *   acquire: authorizationCodeGrant(idp, {
 *     redirectUri: 'com.example.app:/callback',
 *     authorize: async ({ url }) => {
 *       const result = await WebBrowser.openAuthSessionAsync(url, 'com.example.app:/callback');
 *       return result.type === 'success' ? result.url : undefined;
 *     },
 *   }),
 *   refresh: refreshTokenGrant(idp),
 * });
 * await session.signIn();
 * ```
 */
export function authorizationCodeGrant(
  provider: Provider | ProviderOptions,
  options: AuthorizationCodeGrantOptions,
): Acquire {
  const core = coreOf(provider);
  const redirectUri = redirectUriOf(options);
  const { authorize, pushed } = options;
  if (typeof authorize !== 'function') misuse('authorize', 'must be a function');
  const wanted: Wanted = { redirectUri, pushed, scope: core.scope };
  const acquire: Acquire = (context) => authorized(core, wanted, authorize, context);
  return Object.assign(acquire, { boundTo: core.boundTo, promptMs });
}

/** Has the user asked, and makes tokens of what comes back. */
export async function authorized(
  core: Core,
  wanted: Wanted,
  authorize: AuthorizationCodeGrantOptions['authorize'],
  context: GrantContext,
): Promise<Renewed> {
  const { signal } = context;
  const { url, transaction } = await within(requestMs, signal, (limited) =>
    authorizationRequest(core, wanted, { ...context, signal: limited }),
  );
  const answer = await unlessAborted(Promise.resolve(authorize({ url, signal })), signal);
  const callbackUrl = answer instanceof URL ? answer.href : answer;
  if (typeof callbackUrl !== 'string' || callbackUrl === '') {
    throw new RefreshRejectedError('Nobody signed in: `authorize` gave no URL');
  }
  return redeem(core, callbackUrl, transaction, context);
}
