import ky, { type Input, type KyInstance, type Options } from 'ky';
import { type CallOptions, callOptions } from './client/call.js';
import type { AuthClient, AuthClientOptions, ClientOptions } from './client/options.js';
import { type AuthPart, baseOf, optionsOf, split } from './client/parts.js';
import { waitForUser } from './client/prompt.js';
import { noteRefusals, sayWhy } from './client/refusals.js';
import { createAuthFetch } from './fetch/auth-fetch.js';
import { readSpace } from './fetch/origins.js';
import { insideOf } from './schemes/auth.js';
import type { FetchLike } from './types.js';

const methods = ['get', 'post', 'put', 'patch', 'head', 'delete', 'query'] as const;

/**
 * A ky instance whose `fetch` answers HTTP 401 (RFC 9110, section 15.5.2): all of ky's options, and those of
 * `createAuthFetch`. A call's `context: { auth: false }` sends it without credentials.
 *
 * @throws TypeError without an absolute `baseUrl` or `prefix`, or `origins`; or for an option that cannot be.
 *
 * @example
 * ```ts
 * const api = createAuthClient({ baseUrl: 'https://api.example.com/', auth: session });
 * const user = await api.get('users/me').json(User);
 * ```
 */
export function createAuthClient(options: AuthClientOptions): AuthClient {
  const [auth, defaults] = split(options);
  const baseUrl = baseOf(defaults);
  if (auth.origins === undefined && baseUrl === undefined) {
    throw new TypeError('createAuthClient: an absolute `baseUrl` or `prefix` is needed, or `origins`');
  }
  // Settled here: another base that extend() gives sees no credentials for that.
  const { origins } = readSpace({ ...auth, baseUrl }, defaults.baseUrl ? 'baseUrl' : 'prefix');
  return clientOf({ ...auth, auth: options.auth, origins }, optionsOf(ky.create(defaults)));
}

function clientOf(auth: AuthPart, defaults: Options): AuthClient {
  // Nothing is set on the Requests that ky makes: its errors keep them.
  const corridorOver = (fetch: FetchLike | undefined) =>
    createAuthFetch({ ...auth, baseUrl: baseOf(defaults), fetch });
  const corridor = corridorOver(defaults.fetch);
  const calls: CallOptions = callOptions(noteRefusals(corridor, auth.isUnauthorized), (fetch) =>
    noteRefusals(corridorOver(fetch), auth.isUnauthorized),
  );
  const prompted = waitForUser(auth);
  const hooks = { beforeError: [sayWhy], beforeRequest: prompted ? [prompted] : [] };
  const inner = ky.create({ hooks }).extend(calls.ofClient(defaults));

  const isInside = insideOf(auth.auth);
  // Told here, because ky sends a moment later: what a refresh calls goes out plain.
  const told = (given: Options | undefined): Options | undefined => {
    const own = given && calls.ofCall(given);
    return isInside() ? ({ ...own, auth: false } as Options) : own;
  };
  const call = ((input: Input, given?: Options) => inner(input, told(given))) as KyInstance;
  for (const method of methods) {
    call[method] = (input: Input, given?: Options) => inner[method](input, told(given));
  }
  return Object.assign(call, {
    create: ky.create,
    stop: ky.stop,
    retry: ky.retry,
    fetch: corridor,
    extend(next: ClientOptions | ((parent: ClientOptions) => ClientOptions)) {
      const [changed, added] = split(typeof next === 'function' ? next({ ...defaults, ...auth }) : next);
      return clientOf({ ...auth, ...changed }, optionsOf(ky.create(defaults).extend(added)));
    },
  });
}
