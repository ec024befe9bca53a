import { RefreshMisconfiguredError, TokenResponseError } from '../errors.js';
import { isA } from '../is-a.js';
import type { TokenInput, TokenSet } from '../protocol/token-set.js';
import { discard, readText } from '../read-text.js';
import { isSuccess, isTransient } from './answer.js';
import type { Grant, GrantContext, Renewed } from './grant.js';

/** How a home-made endpoint is asked, and where its tokens are. */
export interface RefreshEndpointOptions {
  /** @default 'POST' */
  method?: string;
  /** fetch's: 'include' sends cookies to another origin. @default that of fetch */
  credentials?: 'omit' | 'same-origin' | 'include';
  /** Called for every request; overrides `accept` and `content-type`. */
  headers?: () => Record<string, string>;
  /** Sent as JSON; URLSearchParams as a form; undefined: no body. @default {refreshToken}, where one is held */
  body?: (held: TokenSet | undefined) => unknown;
  /** The only statuses that end the session, where they are given. @default [401, 403] */
  over?: readonly number[];
  /** Where in the answer the tokens are. @default the answer itself */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the caller's, who would have to cast it.
  tokens?: (json: any) => TokenInput;
}

/**
 * The home-made `/auth/refresh`; serves as `refresh` and as `acquire`. Redirects are not followed,
 * unless the platform follows whatever it is told: React Native.
 *
 * @param url Relative ones are those of the page.
 * @throws TypeError where an option is not what it must be.
 * @example
 * ```ts
 * const session = createSession({
 *   refresh: refreshEndpoint('/auth/refresh', { tokens: (json) => ({ accessToken: json.data.jwt }) }),
 * });
 * ```
 */
export function refreshEndpoint(url: string | URL, options: RefreshEndpointOptions = {}): Grant {
  const target = String(url ?? '');
  if (target === '') throw new TypeError('url: must be a URL');
  assertOptions(options);
  return async (context) => {
    const response = await context.fetch(target, requestInit(options, context));
    const { status } = response;
    if (isSuccess(status)) return options.tokens ? mapped(response, options.tokens) : response;
    if (!options.over) return response;
    if (options.over.includes(status)) {
      discard(response);
      return null;
    }
    if (isTransient(status)) return response;
    discard(response);
    throw new RefreshMisconfiguredError(`The refresh endpoint answered with status ${status}`);
  };
}

function requestInit(
  options: RefreshEndpointOptions,
  context: GrantContext & { readonly held?: TokenSet | undefined },
): RequestInit {
  const { method = 'POST', credentials } = options;
  const [type, body] = encoded(options.body ? options.body(context.held) : defaultBody(context.held));
  const headers: Record<string, string> = { accept: 'application/json' };
  if (type !== undefined) headers['content-type'] = type;
  for (const [name, value] of Object.entries(options.headers?.() ?? {})) {
    headers[name.toLowerCase()] = value;
  }
  return {
    method,
    headers,
    // Not 'error': workerd refuses it, and what it throws looks like a failure on the way.
    redirect: 'manual',
    signal: context.signal,
    ...(body === undefined ? {} : { body }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

function defaultBody(held: TokenSet | undefined): unknown {
  return held?.refreshToken === undefined ? undefined : { refreshToken: held.refreshToken };
}

/** React Native sends URLSearchParams as nothing: they go as text. */
function encoded(body: unknown): [type?: string, body?: string] {
  if (body === undefined) return [];
  if (isA(body, 'URLSearchParams')) {
    return ['application/x-www-form-urlencoded;charset=UTF-8', String(body)];
  }
  return ['application/json', JSON.stringify(body)];
}

async function mapped(
  response: Response,
  tokens: NonNullable<RefreshEndpointOptions['tokens']>,
): Promise<Renewed> {
  const text = await readText(response);
  let found: TokenInput | null | undefined;
  try {
    found = await tokens(JSON.parse(text ?? ''));
  } catch {
    // What was thrown may quote the answer.
  }
  if (found != null) return found;
  throw new TokenResponseError('There are no tokens in the answer of the refresh endpoint');
}

function assertOptions(options: RefreshEndpointOptions): void {
  for (const name of ['headers', 'body', 'tokens'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw new TypeError(`${name}: must be a function`);
    }
  }
  if (options.method !== undefined && (typeof options.method !== 'string' || options.method === '')) {
    throw new TypeError('method: must be a method name');
  }
  if (options.over !== undefined && !(Array.isArray(options.over) && options.over.every(Number.isInteger))) {
    throw new TypeError('over: must be an array of statuses');
  }
}
