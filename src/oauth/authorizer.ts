import type { AuthorizationServer } from 'oauth4webapi';
import { RefreshMisconfiguredError } from '../errors.js';
import { printable } from '../protocol/printable.js';
import type { GrantContext } from '../session/grant.js';
import { discover } from './discovery.js';
import { isNearby, namedFault } from './named-server.js';
import { issuerFault } from './url.js';

/** Endpoints that are sent something, or opened. */
const endpoint = /_endpoint$/;

/** The first authorization server that may be used: one of the allowed, or one that is no neighbor of this machine. */
export function chosen(
  issuers: readonly string[],
  allowed: readonly string[] | undefined,
  resource: string,
): string {
  let fault = '';
  for (const issuer of issuers) {
    const wrong = refusal(issuer, allowed, resource);
    if (wrong === undefined) return issuer;
    fault ||= `${printable(issuer)} ${wrong}`;
  }
  throw new RefreshMisconfiguredError(`No authorization server of the resource is used: ${fault}`);
}

/** Why this issuer may not be used for the resource, or undefined. */
export function refusal(
  issuer: string,
  allowed: readonly string[] | undefined,
  resource: string,
): string | undefined {
  if (allowed) return allowed.includes(issuer) ? undefined : 'is not among `issuers`';
  return namedFault(issuer, isNearby(resource)) ?? issuerFault(issuer);
}

/**
 * The metadata of that server (RFC 8414, section 3), every endpoint of which is a place that may be asked.
 * A Response: it is busy.
 */
export async function authorizerOf(
  issuer: string,
  allowed: readonly string[] | undefined,
  resource: string,
  { fetch, signal }: GrantContext,
): Promise<AuthorizationServer | Response> {
  const server = await discover({ identifier: issuer, spellings: [issuer] }, fetch, signal, true);
  if (server instanceof Response || allowed) return server;
  for (const [name, url] of Object.entries(server)) {
    if (!endpoint.test(name) || typeof url !== 'string') continue;
    const fault = namedFault(url, isNearby(resource));
    if (fault) throw new RefreshMisconfiguredError(`The authorization server's ${name} ${fault}`);
  }
  return server;
}
