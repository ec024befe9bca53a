import { type DpopKey, dpopKeyCore } from '../../protocol/dpop-key.js';
import { sessionCore } from '../../protocol/session-core.js';
import type { Session } from '../../session/types.js';
import type { Scheme } from '../scheme.js';
import { dpopScheme } from './scheme.js';

/**
 * The auth-scheme "DPoP" (RFC 9449, section 7.1) over a session whose tokens are bound to the key.
 *
 * Every sending gets a proof of its own: for its method, its URL, its token, and the nonce that the server supplied
 * last. `use_dpop_nonce` and `invalid_dpop_proof` are answered once with another proof and refresh nothing.
 * Redirects are followed by hand, because fetch would hand the proof to another origin.
 *
 * @throws TypeError where `session` or `key` is none; from the call, where the session holds a token of another type.
 * @example
 * ```ts
 * const key = dpopKey();
 * const acquire = clientCredentialsGrant({ issuer, clientId: 'billing', clientSecret, dpop: key });
 * const orders = createAuthClient({
 *   baseUrl: 'https://orders.example.com/',
 *   auth: dpop(createSession({ acquire }), key),
 * });
 * ```
 */
export function dpop(session: Session, key: DpopKey): Scheme {
  const core = session?.[sessionCore];
  // a cookie session has no token that could be bound
  if (core === undefined || !('token' in session)) throw new TypeError('dpop: `session` must be a session');
  const proofs = key?.[dpopKeyCore];
  if (proofs === undefined) throw new TypeError('dpop: `key` must be made by dpopKey()');
  return dpopScheme(core, proofs);
}
