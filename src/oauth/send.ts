import { allowInsecureRequests, type ClientCredentialsGrantRequestOptions, customFetch } from 'oauth4webapi';
import { RefreshMisconfiguredError } from '../errors.js';
import type { FetchLike } from '../types.js';

/** How oauth4webapi is told to send a request (ClientCredentialsGrantRequestOptions is the plainest of its kind). */
export type Sending = ClientCredentialsGrantRequestOptions;

/**
 * Sends one request that carries client credentials, and `proof` where there is one. What fetch rejects with passes
 * unchanged; what keeps the request from being made, such as a key that cannot be imported, is a
 * RefreshMisconfiguredError.
 */
export async function send(
  url: string,
  fetch: FetchLike,
  signal: AbortSignal | undefined,
  request: (options: Sending) => Promise<Response>,
  proof?: Readonly<Record<string, string>>,
): Promise<Response> {
  let refused: { readonly error: unknown } | undefined;
  const through = async (_url: string, init: { body: unknown; headers: Record<string, string> }) => {
    try {
      return await fetch(url, {
        method: 'POST',
        headers: proof ? { ...init.headers, ...proof } : init.headers,
        // React Native sends nothing for URLSearchParams.
        body: String(init.body),
        // Credentials are never handed to wherever a redirect points.
        redirect: 'manual',
        // No cookies; and no browser asks the user when a 401 says Basic.
        credentials: 'omit',
        ...(signal && { signal }),
      });
    } catch (error) {
      refused = { error };
      throw error;
    }
  };
  try {
    // Endpoints were checked when they became known; http is loopback here.
    return await request({ [allowInsecureRequests]: true, [customFetch]: through });
  } catch {
    if (refused) throw refused.error;
    throw new RefreshMisconfiguredError('The client authentication could not be made: check its key');
  }
}
