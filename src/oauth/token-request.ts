import { genericTokenEndpointRequest } from 'oauth4webapi';
import type { GrantContext, Renewed } from '../session/grant.js';
import { isTransient, later } from './later.js';
import type { Core } from './provider-core.js';
import { send } from './send.js';
import { type Meanings, tokenAnswer } from './token-answer.js';

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
  const all = { ...provider.target, ...parameters };
  const response = await send(server.token_endpoint as string, fetch, context.signal, (options) =>
    genericTokenEndpointRequest(server, provider.client, provider.clientAuth, grantType, all, options),
  );
  if (isTransient(response)) return later(response);
  return tokenAnswer(response, [provider.secret, ...secret.map((name) => parameters[name])], meanings);
}

/** What a server may repeat of a request and nobody else may see. */
const secret = ['refresh_token', 'code', 'code_verifier', 'device_code', 'subject_token', 'assertion'];
