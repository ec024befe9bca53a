import { brandCorridor } from '../plain-fetch.js';
import type { Credentials } from '../protocol/credentials.js';
import { beginsInside } from '../protocol/protection-space.js';
import { Call } from './call.js';
import { enter, type Init, sendWith } from './enter.js';
import { linesOf, setsAuthorization } from './headers.js';
import type { AuthFetch, AuthFetchOptions } from './options.js';
import { isQuick, quickInit } from './quick.js';
import { readOptions } from './read-options.js';
import { check } from './settle.js';

/**
 * A drop-in `fetch` that answers HTTP 401 (RFC 9110, section 15.5.2): it sends credentials to the configured origins,
 * gets new ones once for everybody who waits, sends the refused requests again, and stops.
 *
 * @throws TypeError where no origin is known, an origin is http off loopback, or an option cannot be.
 * @example
 * ```ts
 * const authFetch = createAuthFetch({ baseUrl: 'https://api.example.com/', auth: session });
 * const response = await authFetch('/users/me');
 * ```
 */
export function createAuthFetch(options: AuthFetchOptions): AuthFetch {
  const corridor = readOptions(options);
  const { origins, below, schemes } = corridor;
  const only = schemes.length === 1 && schemes[0]?.redirects !== 'by-hand' ? schemes[0] : undefined;

  function authFetch(input: Parameters<AuthFetch>[0], init?: Init): Promise<Response> {
    try {
      if (
        only === undefined ||
        typeof input !== 'string' ||
        !beginsInside(input, origins) ||
        (init !== undefined && !isQuick(init))
      ) {
        return enter(corridor, input, init);
      }
      const lines = init?.headers && linesOf(init.headers);
      if (lines && setsAuthorization(lines)) return enter(corridor, input, init);
      const call = new Call(corridor, undefined, input, init);
      if (only.begin !== undefined) call.begun = only.begin();
      const credentials = only.credentials(call);
      // Headers and nothing else is the everyday answer; no promise has any, and to ask it is slower.
      const written = credentials as Credentials | undefined;
      if (written?.headers === undefined || written.query || written.cookies || call.rest) {
        return sendWith(call, credentials);
      }
      call.sent = written;
      call.rest = null;
      const sent = quickInit(init, lines, written);
      if (init !== undefined) call.init = sent;
      return below()(input, sent).then((response) => check(call, response));
    } catch (error) {
      return Promise.reject(error);
    }
  }
  return brandCorridor(authFetch as AuthFetch, below);
}
