import { isObject } from '../protocol/objects.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { Renewed } from '../session/grant.js';
import { clientOf, type IssuedClient } from './registration.js';

/** Whose tokens they are, where that is not known before they are asked for: it is kept with them. */
export interface Issued extends IssuedClient {
  /** What they are for, as the resource calls itself. */
  readonly resource: string;
}

/** The member of a TokenSet's `extra`; a secret is there only where registration gave one. */
const member = 'oauth_client';

/** Tokens that say whose they are; everything else is handed on. */
export function withIssued(
  renewed: Renewed,
  { issuer, clientId, resource, ...more }: Issued,
  secret: boolean,
): Renewed {
  if (renewed === null || renewed instanceof Response) return renewed;
  const about = {
    issuer,
    client_id: clientId,
    resource,
    ...(secret && { client_secret: more.clientSecret, token_endpoint_auth_method: more.clientAuth }),
  };
  const mark = { [member]: about };
  // A server that answers with our names has an `extra` of its own, which would count.
  const { extra } = renewed as { extra?: unknown };
  return { ...renewed, ...(isObject(extra) && { extra: { ...extra, ...mark } }), ...mark };
}

/** Whose tokens are held; undefined: they do not say. */
export function issuedOf(held: TokenSet): Issued | undefined {
  const about = held.extra?.[member];
  if (!isObject(about)) return undefined;
  const { issuer, resource } = about;
  const client = clientOf(issuer, about);
  return client && typeof resource === 'string' ? { ...client, resource } : undefined;
}
