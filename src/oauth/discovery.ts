import type { AuthorizationServer } from 'oauth4webapi';
import { RefreshMisconfiguredError } from '../errors.js';
import { printable } from '../protocol/printable.js';
import { discard, readText } from '../read-text.js';
import type { FetchLike } from '../types.js';
import { jsonObject } from './json.js';
import { isTransient, later } from './later.js';
import { endpointFault, isHttps } from './url.js';

/** An issuer identifier, and how a document may write it: a URL object cannot say whether a lone "/" was meant. */
export interface Issuer {
  readonly identifier: string;
  readonly spellings: readonly string[];
}

/**
 * Fetches authorization server metadata (RFC 8414, section 3), or hands back the answer of a server that is busy.
 *
 * @param everywhere Asks for OpenID's document also where RFC 8414, section 5 would have it: few servers do.
 */
export async function discover(
  issuer: Issuer,
  fetch: FetchLike,
  signal: AbortSignal,
  everywhere = false,
): Promise<AuthorizationServer | Response> {
  let busy: Response | undefined;
  let fault: string | undefined;
  for (const url of metadataUrls(issuer.identifier, everywhere)) {
    const found = await read(url, issuer, fetch, signal);
    if (typeof found === 'string') fault ??= found;
    else if (found instanceof Response) busy ??= found;
    else return found;
  }
  if (busy) return busy;
  throw new RefreshMisconfiguredError(`Discovery of the issuer failed: ${fault}`);
}

// By hand: oauth4webapi assigns to url.pathname, which React Native ignores, and compares issuers normalized.
function metadataUrls(identifier: string, everywhere: boolean): string[] {
  const base = identifier.replace(/\/$/, '');
  const path = base.indexOf('/', base.indexOf('//') + 2);
  const [origin, rest] = path < 0 ? [base, ''] : [base.slice(0, path), base.slice(path)];
  return [
    `${origin}/.well-known/oauth-authorization-server${rest}`,
    ...(rest === '' || !everywhere ? [] : [`${origin}/.well-known/openid-configuration${rest}`]),
    `${base}/.well-known/openid-configuration`,
  ];
}

async function read(
  url: string,
  issuer: Issuer,
  fetch: FetchLike,
  signal: AbortSignal,
): Promise<AuthorizationServer | Response | string> {
  const found = await readMetadata(url, fetch, signal);
  return typeof found === 'string' || found instanceof Response ? found : judge(found, issuer);
}

/** A metadata document, fetched without credentials and redirects; a text says what is wrong with the answer. */
export async function readMetadata(
  url: string,
  fetch: FetchLike,
  signal: AbortSignal,
): Promise<Record<string, unknown> | Response | string> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'manual',
    credentials: 'omit',
    signal,
  });
  if (isTransient(response)) return later(response);
  if (response.status !== 200) {
    discard(response);
    return `the answer was ${response.status || 'a redirect'}, not 200`;
  }
  if (!/^application\/json\s*(?:;|$)/i.test(response.headers.get('content-type') ?? '')) {
    discard(response);
    return 'the answer was not application/json';
  }
  return jsonObject(await readText(response)) ?? 'the answer was no JSON object of at most 64 KiB';
}

function judge(metadata: Record<string, unknown>, issuer: Issuer): AuthorizationServer | string {
  const { issuer: named, token_endpoint: token, revocation_endpoint: revocation } = metadata;
  if (typeof named !== 'string' || !issuer.spellings.includes(named)) {
    return `the metadata name another issuer, ${printable(JSON.stringify(named) ?? 'none')}`;
  }
  for (const [name, url] of [
    ['token_endpoint', token] as const,
    ['revocation_endpoint', revocation] as const,
  ]) {
    if (url === undefined && name !== 'token_endpoint') continue;
    const fault = typeof url === 'string' ? endpointFault(url) : 'is missing';
    if (fault) return `${name} ${fault}`;
    // An issuer reached over https does not send credentials to a neighbor on this machine.
    if (isHttps(named) && !isHttps(url as string)) return `${name} must be https, as the issuer is`;
  }
  return metadata as unknown as AuthorizationServer;
}
