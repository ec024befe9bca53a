import type { IncomingMessage, ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import { registrations, signingKey } from './clients.ts';
import { configuration } from './configuration.ts';
import { listen, sleep } from './loopback.ts';
import { type SignedIn, signIn } from './sign-in.ts';
import { Storage } from './storage.ts';

/** What came to the token endpoint, as the server counts it. */
interface ProviderCounts {
  /** Every request, those that failNext answered included. */
  tokenRequests: number;
  /** Requests that reached the grant, by grant_type, whatever came of them. */
  readonly byGrant: Record<string, number>;
  /** Requests to the userinfo endpoint, which is a protected resource. */
  userinfoRequests: number;
  /** Requests answered by failNext. */
  failed: number;
  /** Grants ended at the token endpoint: a refresh token was used twice. */
  familiesRevoked: number;
}

/** A refresh token that came to the server, who sent it (the header `x-process`), and how it was answered. */
export interface Posting {
  readonly by: string;
  readonly token: string;
  readonly status: number;
  /** It had been used before: the grant was ended. */
  readonly reuse: boolean;
}

/** oidc-provider on loopback, with knobs. */
export interface ReferenceProvider {
  readonly issuer: string;
  /** A public client with rotating refresh tokens. */
  readonly clientId: string;
  /** Of the client 'cc-key'. */
  readonly clientKey: Record<string, unknown>;
  readonly provider: Provider;
  readonly counts: ProviderCounts;
  /** When token requests came and were answered, and how. */
  readonly log: { readonly from: number; readonly at: number; readonly status: number }[];
  /** The refresh tokens that reached the grant, in order. */
  readonly postings: readonly Posting[];
  /** May be changed at any time. `tellLifetime: false` leaves expires_in out of token responses. */
  readonly settings: {
    tellLifetime: boolean;
    tokenDelayMs: number;
    accessTokenTtl: number;
    /** DPoP proofs must hold a nonce, at the token endpoint and at userinfo. */
    requireNonce: boolean;
    /** Is told of every answer of the token endpoint, as soon as it is on its way. */
    answered: ((by: string) => void) | undefined;
  };
  /** With a key pair: as the client 'spa-dpop', with tokens that are bound to it. */
  signIn(keys?: CryptoKeyPair): Promise<SignedIn>;
  /** The next `times` token requests are answered with this status and not looked at. */
  failNext(times: number, status: number, headers?: Record<string, string>): void;
  /** Ends every grant: no token issued so far is worth anything. */
  revokeAll(): void;
  /** Ends every access token before its time; refresh tokens go on. */
  expireAccessTokens(): void;
  stop(): Promise<void>;
}

/** Starts oidc-provider on a free port of loopback; `accessTokenTtl` in seconds. */
export async function startProvider(options: { accessTokenTtl?: number } = {}): Promise<ReferenceProvider> {
  const { server, origin: issuer, stop } = await listen();
  const settings: ReferenceProvider['settings'] = {
    tellLifetime: true,
    tokenDelayMs: 0,
    accessTokenTtl: options.accessTokenTtl ?? 2,
    requireNonce: false,
    answered: undefined,
  };
  const counts: ProviderCounts = {
    tokenRequests: 0,
    byGrant: {},
    userinfoRequests: 0,
    failed: 0,
    familiesRevoked: 0,
  };
  const log: ReferenceProvider['log'] = [];
  const postings: Posting[] = [];
  const failures: { status: number; headers: Record<string, string> }[] = [];
  const reuses = new WeakSet<object>();
  const storage = new Storage();
  const clientKey = await signingKey('client');
  const provider = new Provider(
    issuer,
    configuration({
      adapter: storage.adapter,
      clients: registrations(issuer, clientKey),
      key: await signingKey('id-token'),
      accessTokenTtl: () => settings.accessTokenTtl,
      requireNonce: () => settings.requireNonce,
    }),
  );
  provider.use(async (context, next) => {
    await next();
    if (context.path !== '/token') return;
    const grant = context.oidc?.params?.grant_type ?? 'none';
    counts.byGrant[grant] = (counts.byGrant[grant] ?? 0) + 1;
    const token = context.oidc?.params?.refresh_token;
    const by = String(context.req.headers['x-process']);
    if (token) postings.push({ by, token, status: context.status, reuse: reuses.has(context) });
    if (!settings.tellLifetime && context.body) delete context.body['expires_in'];
    if (settings.tokenDelayMs > 0) await sleep(settings.tokenDelayMs);
  });
  provider.on('grant.revoked', (context) => {
    if (context.oidc?.route !== 'token') return;
    counts.familiesRevoked++;
    reuses.add(context);
  });
  provider.on('server_error', (_, error) => console.error(error));
  const answer = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/token') {
      counts.tokenRequests++;
      const from = Date.now();
      response.once('finish', () => {
        log.push({ from, at: Date.now(), status: response.statusCode });
        settings.answered?.(String(request.headers['x-process']));
      });
      const failure = failures.shift();
      if (failure) {
        counts.failed++;
        request.resume();
        response.writeHead(failure.status, failure.headers).end('<html>failing as told');
        return;
      }
    }
    if (request.url?.startsWith('/me')) counts.userinfoRequests++;
    if (request.url?.startsWith('/interaction/')) return void interact(provider, request, response);
    answer(request, response);
  });
  return {
    issuer,
    clientId: 'spa',
    clientKey,
    provider,
    counts,
    log,
    postings,
    settings,
    signIn: (keys) => signIn(issuer, keys ? 'spa-dpop' : 'spa', keys),
    failNext(times, status, headers = {}) {
      for (let i = 0; i < times; i++) failures.push({ status, headers });
    },
    revokeAll: () => storage.forgetTokens(),
    expireAccessTokens: () => storage.forgetAccessTokens(),
    stop,
  };
}

/** Alice signs in and consents to everything. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      const login = { login: { accountId: 'alice' } };
      await provider.interactionFinished(request, response, login, { mergeWithLastSubmission: false });
      return;
    }
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const grant = known ?? new provider.Grant({ accountId: session?.accountId, clientId: params.client_id });
    if (params.scope) grant.addOIDCScope(params.scope);
    for (const [resource, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {})) {
      grant.addResourceScope(resource, scopes.join(' '));
    }
    const consent = { consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, consent, { mergeWithLastSubmission: true });
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}
