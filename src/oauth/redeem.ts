import type { GrantContext, Renewed } from '../session/grant.js';
import { codeOf } from './authorization-response.js';
import { checkIdToken } from './id-token.js';
import type { Core } from './provider-core.js';
import { tokenRequest } from './token-request.js';
import { spend, type Transaction } from './transaction.js';
import { within } from './within.js';

const requestMs = 10_000;

/** Makes tokens of an authorization response (RFC 6749, section 4.1.3), if it is the one of this transaction. */
export async function redeem(
  core: Core,
  callbackUrl: string,
  transaction: Transaction,
  context: GrantContext,
): Promise<Renewed> {
  const fetch = core.fetchFor(context);
  const server = await core.server({ ...context, fetch });
  if (server instanceof Response) return server;
  const code = codeOf(callbackUrl, transaction, core, server);
  spend(transaction);
  const { codeVerifier, redirectUri } = transaction;
  const parameters = { code, redirect_uri: redirectUri, code_verifier: codeVerifier };
  const renewed = await within(requestMs, context.signal, (signal) =>
    tokenRequest(core, 'authorization_code', parameters, { ...context, signal }),
  );
  if (renewed instanceof Response) return renewed;
  // A server that answers with our names as well: what the session would keep is what is checked.
  const said = renewed as { id_token?: unknown; idToken?: unknown } | null;
  await checkIdToken(said?.idToken ?? said?.id_token, core, server, transaction);
  return renewed;
}
