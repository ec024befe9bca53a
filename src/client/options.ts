import type { KyInstance, Options } from 'ky';
import type { AuthFetch, AuthOptions } from '../fetch/options.js';
import type { Auth } from '../schemes/auth.js';

/** All of ky's options, and those of the auth fetch. `fetch` is what sends below latchkey. */
export interface ClientOptions extends Options, Partial<Omit<AuthOptions, 'auth'>> {
  /** What answers challenges; a session means `bearer(session)`. */
  auth?: Auth | undefined;
}

/** What `createAuthClient` is told. */
export interface AuthClientOptions extends ClientOptions {
  auth: Auth;
}

/** A ky instance whose requests carry credentials and answer challenges. */
export interface AuthClient extends KyInstance {
  /** Drop-in fetch for other libraries: latchkey alone, none of ky's options. Relative URLs resolve against `baseUrl`. */
  readonly fetch: AuthFetch;
  /**
   * Inherits `auth`. `fetch` replaces what is below latchkey, never latchkey; another `baseUrl` sees
   * credentials only if its origin is, or becomes, one of `origins`.
   */
  extend: (options: ClientOptions | ((parent: ClientOptions) => ClientOptions)) => AuthClient;
}
