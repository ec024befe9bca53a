import { isAuthError, RefreshMisconfiguredError, TokenResponseError } from '../errors.js';
import type { Acquire, GrantContext, Renewed } from '../session/grant.js';
import type { AccessToken, Session } from '../session/types.js';
import { misuse } from './misuse.js';
import type { ProviderOptions } from './options.js';
import { coreOf, type Provider } from './provider.js';
import type { Core } from './provider-core.js';
import { tokenRequest } from './token-request.js';

const tokenType = 'urn:ietf:params:oauth:token-type:';
/** What a server says of a subject token that has ended; RFC 8693, section 2.2.2 names the first. */
const refusals: readonly unknown[] = ['invalid_request', 'invalid_grant', 'invalid_token'];

/**
 * Obtains tokens for another service in exchange for a subject token (RFC 8693, section 2.1): that of a session, or
 * what a function gives. It is asked for anew at every exchange.
 *
 * Sends the provider's `scope`, `resource`, `audience` and `parameters`; a `subject_token_type` among these stands in
 * place of the access token's. A session's token that the server refuses is replaced and exchanged once more. Answers
 * and errors are those of {@link refreshTokenGrant}.
 *
 * @throws TypeError naming an option that cannot work, when it is made.
 * @example
 * ```ts
 * const orders = createSession({
 *   acquire: tokenExchangeGrant({ issuer, clientId, audience: 'https://orders.example.com' }, session),
 * });
 * ```
 */
export function tokenExchangeGrant(
  provider: Provider | ProviderOptions,
  subject: Pick<Session, 'token'> | (() => Promise<string>),
): Acquire {
  if (typeof subject !== 'function' && typeof subject?.token !== 'function') {
    misuse('subject', 'must be a session or a function');
  }
  const core = coreOf(provider);
  const acquire: Acquire = async (context) => {
    if (typeof subject === 'function') return exchanged(core, await subject(), context);
    const { signal } = context;
    const held = await subject.token({ signal });
    try {
      return await exchanged(core, held.accessToken, context);
    } catch (error) {
      const other = isRefusal(error) ? await replaced(subject, held, signal) : undefined;
      if (!other) throw error;
      return exchanged(core, other.accessToken, context);
    }
  };
  return Object.assign(acquire, { boundTo: core.boundTo });
}

async function exchanged(core: Core, subjectToken: unknown, context: GrantContext): Promise<Renewed> {
  if (typeof subjectToken !== 'string' || subjectToken === '') {
    throw new RefreshMisconfiguredError('`subject` must give a token');
  }
  const parameters = {
    subject_token_type: `${tokenType}access_token`,
    ...core.target,
    ...(core.scope && { scope: core.scope }),
    subject_token: subjectToken,
  };
  const renewed = await tokenRequest(
    core,
    'urn:ietf:params:oauth:grant-type:token-exchange',
    parameters,
    context,
  );
  // Absent, it is read as an access token, as an absent token_type is.
  const issued =
    (renewed as { issued_token_type?: unknown } | null)?.issued_token_type ?? `${tokenType}access_token`;
  if (issued !== `${tokenType}access_token` && issued !== `${tokenType}jwt`) {
    const issues = [{ message: 'is of a kind that is no access token', path: ['issued_token_type'] }];
    throw new TokenResponseError(undefined, { issues });
  }
  return renewed;
}

/** Refused for its subject token, perhaps. */
function isRefusal(error: unknown): boolean {
  return isAuthError(error) && 'error' in error && refusals.includes(error.error);
}

/** Another token of the session, or undefined where it has none: then the first refusal stands. */
async function replaced(
  subject: Pick<Session, 'token'>,
  refused: AccessToken,
  signal: AbortSignal,
): Promise<AccessToken | undefined> {
  try {
    return await subject.token({ signal, refused });
  } catch {
    return undefined;
  }
}
