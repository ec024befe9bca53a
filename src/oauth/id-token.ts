import { type AuthorizationServer, processAuthorizationCodeResponse } from 'oauth4webapi';
import { RefreshRejectedError, TokenResponseError } from '../errors.js';
import { decodeJwt } from '../protocol/jwt.js';
import type { Core } from './provider-core.js';
import type { Transaction } from './transaction.js';

/**
 * Checks an ID Token that came from the token endpoint itself (OpenID Connect Core 1.0, section 3.1.3.7): issuer,
 * audience, lifetime, nonce and auth_time. TLS stands for the signature.
 *
 * @throws TokenResponseError where it is missing or not as it must be; without the token and its claims.
 * @throws RefreshRejectedError where the user signed in longer ago than was asked for.
 */
export async function checkIdToken(
  idToken: unknown,
  core: Core,
  server: AuthorizationServer,
  { nonce, maxAge }: Transaction,
): Promise<void> {
  if (!idToken && nonce === undefined) return;
  if (!idToken) throw faulty('is missing, though it was asked for');
  const body = JSON.stringify({ access_token: '-', token_type: 'bearer', id_token: idToken });
  const response = new Response(body, { headers: { 'content-type': 'application/json' } });
  try {
    const issuer = core.identified ? server : named(server, idToken);
    await processAuthorizationCodeResponse(issuer, core.client, response, {
      ...(nonce !== undefined && { expectedNonce: nonce }),
      ...(maxAge !== undefined && { maxAge }),
    });
  } catch (error) {
    // What is thrown holds the claims.
    const { cause } = error as { cause?: { claim?: unknown } };
    if (cause?.claim === 'auth_time') throw new RefreshRejectedError('The user signed in too long ago');
    throw faulty('is not as it must be: issuer, audience, lifetime, nonce or algorithm');
  }
}

/** A provider given by its endpoints has no issuer and no algorithms to compare with: the token's own. */
function named(server: AuthorizationServer, idToken: unknown): AuthorizationServer {
  const { iss } = decodeJwt(idToken as string);
  const [header = ''] = String(idToken).split('.');
  const { alg } = decodeJwt(`${header}.${header}.`);
  return { ...server, issuer: String(iss), id_token_signing_alg_values_supported: [String(alg)] };
}

function faulty(message: string): TokenResponseError {
  return new TokenResponseError('The ID Token is refused', { issues: [{ message, path: ['id_token'] }] });
}
