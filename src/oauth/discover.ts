import type { AuthorizationServer } from 'oauth4webapi';
import { isAuthError, RefreshMisconfiguredError, RefreshRejectedError } from '../errors.js';
import type { Acquire, GrantContext, Refresh, Renewed, StepUp } from '../session/grant.js';
import { authorized, promptMs } from './authorization-code-grant.js';
import { authorizerOf, chosen, refusal } from './authorizer.js';
import { clientCredentialsGrant } from './client-credentials.js';
import { type DiscoverOptions, type Read, readOptions } from './discover-options.js';
import { type Issued, issuedOf, withIssued } from './issued.js';
import { oauthProvider, type Provider } from './provider.js';
import { core } from './provider-core.js';
import { refreshTokenGrant } from './refresh-token.js';
import { type IssuedClient, register } from './registration.js';
import { type ResourceMetadata, resourceMetadata } from './resource-metadata.js';
import { asked, type Wish } from './wish.js';
import { within } from './within.js';

const discoveryMs = 20_000;

/** What a session needs for a resource; spread it into `createSession`. */
export interface Discovered {
  readonly acquire: Acquire;
  readonly refresh: Refresh;
  /** Asks the user anew for what a challenge wants beyond a fresh token (RFC 6750, section 3.1; RFC 9470, section 3). */
  readonly stepUp: StepUp;
}

/**
 * Everything that a session needs for a resource known by its URL (RFC 9728; RFC 8414; Model Context Protocol,
 * authorization): asks the resource who authorizes its users, and that server for tokens.
 *
 * The resource's metadata must be of its own origin and about it; the authorization server must have a public name (on
 * loopback where the resource is), say the issuer that it was asked for, and support PKCE with S256. Nothing is followed,
 * nothing but JSON of at most 64 KiB is read, and no credentials go along.
 *
 * Which server and client the tokens are of is kept with them: a refresh token goes nowhere else.
 *
 * @throws TypeError naming an option that cannot work, when it is made.
 * @throws RefreshMisconfiguredError where no authorization server may be used, or it refuses the client.
 * @example
 * ```ts
 * const session = createSession({
 *   ...discover('https://mcp.example.com/mcp', {
 *     client: { register: { client_name: 'my agent' } },
 *     redirectUri: 'http://127.0.0.1:8787/callback',
 *     authorize: ({ url, signal }) => openBrowserAndWait(url, signal),
 *   }),
 * });
 * ```
 */
export function discover(resource: string | URL, options: DiscoverOptions): Discovered {
  const read = readOptions(resource, options);
  const boundTo = `${read.resource} ${read.known?.clientId ?? 'registered'}`;
  const memo: Memo = { server: undefined, client: undefined };

  const obtain = async (wish: Wish, context: GrantContext): Promise<Renewed> => {
    const found = await within(discoveryMs, context.signal, (signal) =>
      authority(read, memo, { ...context, signal }),
    );
    if (found === null || found instanceof Response) return found;
    const { server, issued, metadata } = found;
    const request = asked(wish, metadata.scope, server, read.code !== undefined);
    const provider = providerOf(issued, server, request.scope);
    const renewed = await (read.code
      ? authorized(
          provider[core],
          { ...request, redirectUri: read.code.redirectUri },
          read.code.authorize,
          context,
        )
      : clientCredentialsGrant(provider)(context)
    ).catch((error: unknown) => {
      // Registered, and forgotten there: the next sign-in registers again.
      if (isUnknownClient(error)) memo.client = undefined;
      throw error;
    });
    return withIssued(renewed, issued, read.known === undefined);
  };

  const refresh: Refresh = async (context) => {
    const issued = issuedOf(context.held);
    if (!issued) throw new RefreshRejectedError('It is not known who issued these tokens: sign in again');
    const fault = refusal(issued.issuer, read.issuers, read.resource);
    if (fault) throw new RefreshMisconfiguredError(`The issuer of the tokens ${fault}`);
    const server = await known(read, memo, issued.issuer, context);
    if (server instanceof Response) return server;
    const grant = refreshTokenGrant(providerOf({ ...issued, ...read.known }, server));
    const renewed = await grant(context).catch((error: unknown) => {
      if (read.known || !isUnknownClient(error)) throw error;
      memo.client = undefined;
      throw new RefreshRejectedError('The server has forgotten the registered client: sign in again');
    });
    return withIssued(renewed, issued, read.known === undefined);
  };

  return {
    acquire: Object.assign((context: GrantContext) => obtain({}, context), {
      boundTo,
      ...(read.code && { promptMs }),
    }),
    refresh: Object.assign(refresh, { boundTo, needsRefreshToken: true }),
    stepUp: (need, context) =>
      obtain({ need, held: context.held.scope }, { ...context, challenge: need.challenge }),
  };
}

function isUnknownClient(error: unknown): boolean {
  return isAuthError(error) && 'error' in error && error.error === 'invalid_client';
}

/** What was found last: a resource seldom moves. */
interface Memo {
  server: AuthorizationServer | undefined;
  client: IssuedClient | undefined;
}

interface Authority {
  readonly metadata: ResourceMetadata;
  readonly server: AuthorizationServer;
  readonly issued: Issued;
}

/** From the resource to its authorization server, and the client there. */
async function authority(
  read: Read,
  memo: Memo,
  context: GrantContext,
): Promise<Authority | Response | null> {
  const metadata = await resourceMetadata(read.resource, context);
  if (metadata === null || metadata instanceof Response) return metadata;
  const issuer = chosen(metadata.issuers, read.issuers, read.resource);
  memo.server = undefined;
  const server = await known(read, memo, issuer, context);
  if (server instanceof Response) return server;
  if (read.code && !supportsS256(server)) {
    throw new RefreshMisconfiguredError(
      'The authorization server does not say that it supports PKCE with S256',
    );
  }
  const client = read.known ? { issuer, ...read.known } : await registered(read, memo, server, context);
  return { metadata, server, issued: { ...client, resource: metadata.resource } };
}

async function known(
  read: Read,
  memo: Memo,
  issuer: string,
  context: GrantContext,
): Promise<AuthorizationServer | Response> {
  if (memo.server?.issuer === issuer) return memo.server;
  const server = await authorizerOf(issuer, read.issuers, read.resource, context);
  if (!(server instanceof Response)) memo.server = server;
  return server;
}

async function registered(
  read: Read,
  memo: Memo,
  server: AuthorizationServer,
  context: GrantContext,
): Promise<IssuedClient> {
  if (memo.client?.issuer !== server.issuer) {
    memo.client = await register(server, read.code?.redirectUri ?? '', read.register, context);
  }
  return memo.client;
}

function supportsS256({ code_challenge_methods_supported: methods }: AuthorizationServer): boolean {
  return Array.isArray(methods) && methods.includes('S256');
}

/** A provider whose server is known already. */
function providerOf(issued: Issued, server: AuthorizationServer, scope?: string): Provider {
  const { issuer, clientId, clientSecret, clientAuth, resource } = issued;
  const client = clientSecret === undefined ? { clientId } : { clientId, clientSecret, clientAuth };
  const made = oauthProvider({ issuer, ...client, resource, scope });
  return { clientId, [core]: { ...made[core], server: async () => server } };
}
