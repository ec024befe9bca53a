import type { DpopKey } from '../protocol/dpop-key.js';
import type { FetchLike } from '../types.js';

/** A private key as a CryptoKey or a JWK, by shape: not every platform's types name them. */
export type KeyLike =
  | { readonly type: string; readonly algorithm: object }
  | { kty?: string | undefined; [member: string]: unknown };

/** How the client proves who it is to the authorization server (RFC 6749, section 2.3; RFC 7523, section 2.2). */
export type ClientAuthentication =
  | {
      /** A public client: only `client_id` is sent. @default 'none' without a secret */
      clientAuth?: 'none' | undefined;
      clientSecret?: undefined;
    }
  | {
      /** @default 'client_secret_basic' with a secret */
      clientAuth?: 'client_secret_basic' | 'client_secret_post' | 'client_secret_jwt' | undefined;
      clientSecret: string;
    }
  | {
      clientAuth: 'private_key_jwt';
      /** A private signing key; of a JWK its `alg`, or the usual one of its kind, is used. */
      privateKey: KeyLike;
      /** The `kid` of the assertion's header. @default the JWK's own */
      keyId?: string | undefined;
    };

/** Where the authorization server is: an issuer identifier to discover (RFC 8414, section 3), or its endpoints. */
export type ServerOptions =
  | {
      /** Compared code point by code point with what the metadata say: a trailing slash counts. */
      issuer: string | URL;
    }
  | {
      tokenEndpoint: string | URL;
      authorizationEndpoint?: string | URL;
      deviceEndpoint?: string | URL;
      revocationEndpoint?: string | URL;
    };

/** What latchkey must know of an authorization server and of the client registered there. */
export type ProviderOptions = ServerOptions &
  ClientAuthentication & {
    clientId: string;
    /** What to ask for (RFC 6749, section 3.3); never sent with a refresh. */
    scope?: string | undefined;
    /** Where the tokens are for: an absolute URI (RFC 8707, section 2); a refresh asks for the same. */
    resource?: string | undefined;
    /** Where the tokens are for, to servers that know `audience`; a refresh asks for the same. */
    audience?: string | undefined;
    /** Further parameters of every token, authorization and device authorization request. */
    parameters?: Readonly<Record<string, string>> | undefined;
    /**
     * Binds the tokens to a key of `latchkey/dpop` (RFC 9449, section 5): every token request is proved with it, and a
     * response whose `token_type` is not DPoP is discarded. Tokens of a provider without it are not used. @default none
     */
    dpop?: DpopKey | undefined;
    /** What sends the requests. @default the session's fetch; where no session asks, the platform's */
    fetch?: FetchLike | undefined;
  };
