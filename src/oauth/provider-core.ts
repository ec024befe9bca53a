import type { AuthorizationServer, Client, ClientAuth } from 'oauth4webapi';
import type { DpopKey } from '../protocol/dpop-key.js';
import type { GrantContext } from '../session/grant.js';
import type { FetchLike } from '../types.js';

/** Where a provider keeps what its grants need; registered, so that two copies of the package agree. */
export const core: unique symbol = Symbol.for('latchkey.oauth-provider');

/** A provider from inside. */
export interface Core {
  /** Issuer or token endpoint, and client id. */
  readonly boundTo: string;
  /** The issuer is known: what names another one is refused. */
  readonly identified: boolean;
  readonly client: Client;
  readonly clientAuth: ClientAuth;
  /** To be blotted out of a server's text. */
  readonly secret: string | undefined;
  readonly scope: string | undefined;
  /** resource, audience and the caller's own parameters. */
  readonly target: Readonly<Record<string, string>>;
  /** What tokens are bound to. */
  readonly dpop: DpopKey | undefined;
  /** Never a corridor: token requests must not wait for the token they bring. */
  fetchFor(context: GrantContext): FetchLike;
  /** The metadata, discovered at the first call; a Response: the server is busy. */
  server(context: GrantContext): Promise<AuthorizationServer | Response>;
}
