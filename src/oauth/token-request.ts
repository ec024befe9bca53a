import { genericTokenEndpointRequest } from 'oauth4webapi';
import type { DerivedFor, GrantContext, Renewed } from '../session/grant.js';
import { isTransient, later } from './later.js';
import { proved } from './proof.js';
import type { Core } from './provider-core.js';
import { send } from './send.js';
import { targetParameters } from './target-parameters.js';
import { type Meanings, tokenAnswer } from './token-answer.js';

/** What a derived session asks for takes the place of what the provider was told (RFC 8707, section 2.2). */
function wanted({ resource, audience, scope }: DerivedFor = {}): Readonly<Record<string, string>> {
  const all = { ...targetParameters({ resource, audience }), scope };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value)) as Record<string, string>;
}

/** One request at the token endpoint (RFC 6749, section 3.2) and what its answer means. */
export async function tokenRequest(
  provider: Core,
  grantType: string,
  parameters: Readonly<Record<string, string>>,
  context: GrantContext,
  meanings?: Meanings,
): Promise<Renewed> {
  const fetch = provider.fetchFor(context);
  const server = await provider.server({ ...context, fetch });
  if (server instanceof Response) return server;
  const all = { ...provider.target, ...parameters, ...wanted(context.target) };
  const response = await proved(provider.dpop, server, (proof) =>
    send(
      server.token_endpoint as string,
      fetch,
      context.signal,
      (options) =>
        genericTokenEndpointRequest(server, provider.client, provider.clientAuth, grantType, all, options),
      proof,
    ),
  );
  if (isTransient(response)) return later(response);
  const secrets = [provider.secret, ...secret.map((name) => all[name])];
  return tokenAnswer(response, secrets, meanings, provider.dpop !== undefined);
}

/** What a server may repeat of a request and nobody else may see. */
const secret = [
  'refresh_token',
  'code',
  'code_verifier',
  'device_code',
  'subject_token',
  'actor_token',
  'assertion',
];
