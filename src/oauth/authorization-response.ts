import type { AuthorizationServer } from 'oauth4webapi';
import { RefreshRejectedError } from '../errors.js';
import { queryOf } from './form.js';
import type { Core } from './provider-core.js';
import { atTokenEndpoint, type Meanings, oauthError } from './token-answer.js';
import type { Transaction } from './transaction.js';

/** RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6. */
const atAuthorizationEndpoint: Meanings = {
  over: [
    ...atTokenEndpoint.over,
    'access_denied',
    'account_selection_required',
    'unmet_authentication_requirements',
  ],
  busy: ['temporarily_unavailable', 'server_error'],
};

/**
 * The code of an authorization response (RFC 6749, section 4.1.2): first whose answer it is, by `state` and `iss`
 * (RFC 9207, section 2.4), then what it says.
 *
 * @throws RefreshRejectedError for a response that is another's, and where nobody signed in.
 * @throws RefreshUnavailableError where the server is busy; RefreshMisconfiguredError for its other errors.
 */
export function codeOf(
  callbackUrl: string,
  transaction: Transaction,
  core: Core,
  server: AuthorizationServer,
): string {
  const response = queryOf(callbackUrl);
  if (!response) throw refused('it is not well-formed');
  if (response.get('state') !== transaction.state) throw refused('its state is not that of the request');
  const iss = response.get('iss');
  if (core.identified) {
    if (transaction.issuer !== server.issuer) throw refused('the request went to another issuer');
    if (iss !== undefined && iss !== server.issuer) throw refused('it is of another issuer');
    if (iss === undefined && server.authorization_response_iss_parameter_supported) {
      throw refused('it does not say its issuer');
    }
  }
  const error = response.get('error');
  if (error !== undefined) {
    const said = { error, error_description: response.get('error_description') };
    throw oauthError(
      said,
      [transaction.codeVerifier, transaction.state, core.secret],
      atAuthorizationEndpoint,
    );
  }
  const code = response.get('code');
  if (!code) throw refused('it has no code');
  return code;
}

function refused(why: string): RefreshRejectedError {
  return new RefreshRejectedError(`The authorization response is refused: ${why}`);
}
