/** What this folder uses of oidc-provider, which ships no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Token {
    readonly clientId: string;
    readonly accountId?: string;
    readonly scope?: string;
    readonly aud?: string | readonly string[];
    readonly exp: number;
    /** The thumbprint of the key that it is bound to. */
    readonly jkt?: string;
  }
  interface TokenModel {
    find(value: string): Promise<Token | undefined>;
  }
  interface Grant {
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }
  interface Interaction {
    readonly prompt: {
      readonly name: string;
      readonly details: { readonly missingResourceScopes?: Readonly<Record<string, readonly string[]>> };
    };
    readonly params: { readonly client_id: string; readonly scope?: string };
    readonly session?: { readonly accountId: string };
    readonly grantId?: string;
  }
  interface Context {
    readonly path: string;
    readonly status: number;
    readonly req: IncomingMessage;
    body: Record<string, unknown> | undefined;
    readonly oidc?: {
      readonly route?: string;
      readonly params?: { readonly grant_type?: string; readonly refresh_token?: string };
    };
  }
  export class Provider {
    constructor(issuer: string, configuration: object);
    readonly AccessToken: TokenModel;
    readonly ClientCredentials: TokenModel;
    readonly Grant: {
      new (of: { accountId: string | undefined; clientId: string }): Grant;
      find(id: string): Promise<Grant | undefined>;
    };
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): void;
    on(event: string, listener: (context: Context, detail: unknown) => void): void;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
      options: { mergeWithLastSubmission: boolean },
    ): Promise<void>;
  }
}
