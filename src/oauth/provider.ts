import type { AuthorizationServer } from 'oauth4webapi';
import { plainFetch } from '../plain-fetch.js';
import { type DpopKey, dpopKeyCore } from '../protocol/dpop-key.js';
import type { GrantContext } from '../session/grant.js';
import { SharedWork } from '../shared-work.js';
import { clientAuth } from './client-auth.js';
import { discover, type Issuer } from './discovery.js';
import { misuse, requireText } from './misuse.js';
import type { ProviderOptions } from './options.js';
import { type Core, core } from './provider-core.js';
import { targetParameters } from './target-parameters.js';
import { endpointFault, issuerFault } from './url.js';
import { within } from './within.js';

const discoveryMs = 5_000;

/** An authorization server and a client registered there. Holds the secret where no log shows it. */
export interface Provider {
  /** For the grants of this door. */
  readonly [core]: Core;
  readonly clientId: string;
}

/**
 * An authorization server and the client registered there (RFC 6749, sections 1.1 and 2.2), shared by all grants
 * made from it: it discovers once.
 *
 * Discovery (RFC 8414, section 3; OpenID Connect Discovery 1.0, section 4) happens at the first request, takes at
 * most 5 seconds and 64 KiB, follows no redirect and sends no credentials; one that failed is tried again.
 *
 * @throws TypeError naming the option that cannot work.
 * @example
 * ```ts
 * const idp = oauthProvider({ issuer: 'https://id.example.com', clientId: 'spa', scope: 'openid offline_access' });
 * const session = createSession({ refresh: refreshTokenGrant(idp), revoke: revocation(idp) });
 * ```
 */
export function oauthProvider(options: ProviderOptions): Provider {
  if (typeof options !== 'object' || options === null) misuse('options', 'must be given');
  const clientId = requireText('clientId', options.clientId);
  const given: { issuer?: unknown; tokenEndpoint?: unknown } & Endpoints = options;
  const { issuer, tokenEndpoint } = given;
  if ((issuer === undefined) === (tokenEndpoint === undefined)) {
    misuse('issuer', 'or tokenEndpoint must be given, and not both');
  }
  const server =
    issuer === undefined
      ? explicit(endpoint('tokenEndpoint', tokenEndpoint), given)
      : discovered(issuerOf(issuer));
  const dpop = keyOf(options.dpop);
  const provider: Core = {
    ...server,
    // What is bound to a key is another kind of token: neither is sent in the other's place.
    boundTo: `${server.name} ${clientId}${dpop ? ' dpop' : ''}`,
    client: { client_id: clientId },
    clientAuth: clientAuth(options),
    secret: (options as { clientSecret?: string }).clientSecret,
    scope: options.scope || undefined,
    target: targetParameters(options),
    dpop,
    fetchFor: (context) => plainFetch(options.fetch ?? context.fetch),
  };
  const made = Object.defineProperty({ clientId }, core, { value: provider }) as Provider;
  return Object.freeze(made);
}

/** The provider itself, or one made from its options. */
export function coreOf(provider: Provider | ProviderOptions): Core {
  return typeof provider === 'object' && provider && core in provider
    ? provider[core]
    : oauthProvider(provider)[core];
}

type Server = { name: string; identified: boolean; server: Core['server'] };
type Endpoints = { [option in keyof typeof endpoints]?: unknown };

/** What the metadata call the endpoints that may be given (RFC 8414, section 2; RFC 8628, section 4). */
const endpoints = {
  authorizationEndpoint: 'authorization_endpoint',
  deviceEndpoint: 'device_authorization_endpoint',
  revocationEndpoint: 'revocation_endpoint',
} as const;

function explicit(token: string, given: Endpoints): Server {
  const named: Record<string, string> = {};
  for (const option of Object.keys(endpoints) as (keyof Endpoints)[]) {
    if (given[option] !== undefined) named[endpoints[option]] = endpoint(option, given[option]);
  }
  // RFC 7523, section 3: the token endpoint's URL may stand for the server where no issuer is known.
  const server: AuthorizationServer = { ...named, issuer: token, token_endpoint: token };
  return { name: token, identified: false, server: async () => server };
}

function discovered(issuer: Issuer): Server {
  type Answer = AuthorizationServer | Response;
  let known: AuthorizationServer | undefined;
  let flight: SharedWork<Answer> | undefined;
  const start = ({ fetch }: GrantContext): SharedWork<Answer> => {
    const mine = new SharedWork(
      within(discoveryMs, undefined, (signal) => discover(issuer, fetch, signal)).then((answer) => {
        if (!(answer instanceof Response)) known = answer;
        return answer;
      }),
    );
    mine.promise.then(
      () => forget(mine),
      () => forget(mine),
    );
    return mine;
  };
  const forget = (mine: typeof flight): void => {
    if (flight === mine) flight = undefined;
  };
  return {
    name: issuer.identifier,
    identified: true,
    async server(context) {
      if (known) return known;
      let joined: typeof flight;
      const join = (): Promise<Answer> => {
        flight ??= start(context);
        const under = flight;
        joined = under;
        return under.join(async () => {
          forget(under);
          return known ?? join();
        });
      };
      try {
        // A timer of its own: on workerd another request's may never fire.
        const answer = await within(discoveryMs, context.signal, join);
        return answer instanceof Response ? answer.clone() : answer;
      } catch (error) {
        if (!context.signal?.aborted) forget(joined);
        throw error;
      }
    },
  };
}

function keyOf(dpop: unknown): DpopKey | undefined {
  if (dpop === undefined || (dpop as DpopKey | null)?.[dpopKeyCore]) return dpop as DpopKey | undefined;
  return misuse('dpop', 'must be made by dpopKey() of latchkey/dpop');
}

function issuerOf(given: unknown): Issuer {
  const identifier = requireText('issuer', given instanceof URL ? given.href : given);
  const fault = issuerFault(identifier);
  if (fault) misuse('issuer', fault);
  // A URL object always ends an empty path with "/", whatever it was made from.
  const bare = given instanceof URL && given.pathname === '/' ? [identifier.slice(0, -1)] : [];
  return { identifier, spellings: [identifier, ...bare] };
}

function endpoint(option: string, given: unknown): string {
  const url = requireText(option, given instanceof URL ? given.href : given);
  const fault = endpointFault(url);
  return fault ? misuse(option, fault) : url;
}
