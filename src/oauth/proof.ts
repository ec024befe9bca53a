import type { AuthorizationServer } from 'oauth4webapi';
import { isAuthError, RefreshMisconfiguredError } from '../errors.js';
import { type DpopKey, type DpopKeyCore, dpopKeyCore } from '../protocol/dpop-key.js';
import { discard, readText } from '../read-text.js';
import { jsonObject } from './json.js';

type Post = (proof?: Readonly<Record<string, string>>) => Promise<Response>;

/**
 * Sends a token request with a DPoP proof (RFC 9449, section 5), and once more with another one where the server
 * supplies a nonce and asks for it (section 8): that spends no code and no refresh token.
 */
export async function proved(
  dpop: DpopKey | undefined,
  server: AuthorizationServer,
  post: Post,
): Promise<Response> {
  if (dpop === undefined) return post();
  const key = dpop[dpopKeyCore];
  const url = server.token_endpoint as string;
  const taken: unknown = server['dpop_signing_alg_values_supported'];
  if (Array.isArray(taken) && !taken.includes(key.alg)) {
    throw new RefreshMisconfiguredError(
      `The authorization server takes no DPoP proofs signed with ${key.alg}`,
    );
  }
  const nonce = key.nonceFor(url);
  const response = await post(await proofOf(key, url, nonce));
  const supplied = key.learn(url, response.headers);
  if (supplied === undefined || supplied === nonce || !(await asksForNonce(response))) return response;
  discard(response);
  const answer = await post(await proofOf(key, url, supplied));
  key.learn(url, answer.headers);
  return answer;
}

async function proofOf(
  key: DpopKeyCore,
  url: string,
  nonce: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  try {
    return { DPoP: await key.prove({ method: 'POST', url, nonce }) };
  } catch (error) {
    if (isAuthError(error)) throw error;
    // The key's own text, which holds no secret.
    throw new RefreshMisconfiguredError(`The DPoP proof could not be made: ${(error as Error).message}`);
  }
}

async function asksForNonce(response: Response): Promise<boolean> {
  if (response.status !== 400 && response.status !== 401) return false;
  return jsonObject(await readText(response.clone()))?.['error'] === 'use_dpop_nonce';
}
