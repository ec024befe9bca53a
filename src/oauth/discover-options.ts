import { isObject } from '../protocol/objects.js';
import { originByText } from '../protocol/protection-space.js';
import type { AuthorizationCodeGrantOptions } from './authorization-code-grant.js';
import { misuse, requireText } from './misuse.js';
import { redirectUriOf } from './redirect-uri.js';
import { endpointFault, issuerFault } from './url.js';

/** Who asks, how its user is asked, and whom it trusts. */
export interface DiscoverOptions {
  /** A client that the authorization server knows, or the metadata to register one with (RFC 7591, section 2). */
  client:
    | { clientId: string; clientSecret?: string | undefined }
    | { register: Readonly<Record<string, unknown>> };
  /** As of {@link authorizationCodeGrant}. Without it, a client with a secret gets tokens for itself. */
  authorize?: AuthorizationCodeGrantOptions['authorize'] | undefined;
  redirectUri?: string | undefined;
  /**
   * The only authorization servers that are used, by issuer identifier. Required with a `clientSecret`: no document of a
   * resource decides where that goes. @default any that has a public name
   */
  issuers?: readonly string[] | undefined;
}

/** The options as they are used. */
export interface Read {
  /** Scheme, host and port in lower case, the rest as it was written. */
  readonly resource: string;
  readonly known: { readonly clientId: string; readonly clientSecret: string | undefined } | undefined;
  readonly register: Readonly<Record<string, unknown>>;
  readonly code:
    | { readonly redirectUri: string; readonly authorize: AuthorizationCodeGrantOptions['authorize'] }
    | undefined;
  readonly issuers: readonly string[] | undefined;
}

/** @throws TypeError naming the option that cannot work. */
export function readOptions(resource: unknown, options: DiscoverOptions): Read {
  const text = requireText('resource', resource instanceof URL ? resource.href : resource);
  const fault = endpointFault(text);
  if (fault) misuse('resource', fault);
  const origin = originByText(text) ?? misuse('resource', 'must have a plain host name');
  const rest = text.replace(/^https?:\/\/[^/?]*/i, '');
  const { client, authorize, issuers } = options ?? {};
  if (!isObject(client)) misuse('client', 'must be given');
  const { clientId, clientSecret, register } = client as Record<string, unknown>;
  if ((clientId === undefined) === (register === undefined))
    misuse('client', 'must have clientId or register');
  if (register !== undefined && !isObject(register)) misuse('register', 'must be client metadata');
  const known = clientId === undefined ? undefined : requireText('clientId', clientId);
  const secret = clientSecret === undefined ? undefined : requireText('clientSecret', clientSecret);
  if (authorize !== undefined && typeof authorize !== 'function') misuse('authorize', 'must be a function');
  if (!authorize && secret === undefined) misuse('authorize', 'must be given, or a client with a secret');
  return {
    resource: origin + rest,
    known: known === undefined ? undefined : { clientId: known, clientSecret: secret },
    register: (register ?? {}) as Read['register'],
    code: authorize && { redirectUri: redirectUriOf(options), authorize },
    issuers: issuersOf(issuers, secret !== undefined),
  };
}

function issuersOf(issuers: unknown, required: boolean): readonly string[] | undefined {
  if (issuers === undefined) {
    return required ? misuse('issuers', 'must be given with a clientSecret') : undefined;
  }
  if (!Array.isArray(issuers) || issuers.length === 0) return misuse('issuers', 'must be a list of issuers');
  return issuers.map((issuer: unknown) => {
    const text = requireText('issuers', issuer);
    const fault = issuerFault(text);
    return fault ? misuse('issuers', fault) : text;
  });
}
