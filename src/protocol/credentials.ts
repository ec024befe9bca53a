import { isToken, isToken68, quote } from './syntax.js';

/** What a scheme puts on a request: data, so that nothing is mutated and identity can be compared (RFC 9110, section 11.4). */
export interface Credentials {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Sends the request with fetch's `credentials: 'include'`. */
  readonly cookies?: boolean | undefined;
  /** Identity, compared with `===`: decides "late refusal" against "refused". */
  readonly version?: unknown;
}

/**
 * An Authorization field value: `auth-scheme [ 1*SP ( token68 / #auth-param ) ]` (RFC 9110, section 11.4).
 *
 * @param data A token68, or auth-params; these are quoted.
 * @param bare Names of the auth-params that their scheme wants as tokens (RFC 7616, section 3.4: algorithm, qop, nc).
 * @throws TypeError where the grammar cannot hold a part; the value is not told.
 */
export function formatAuthorization(
  scheme: string,
  data?: string | Readonly<Record<string, string>>,
  bare: readonly string[] = [],
): string {
  if (!isToken(scheme)) throw new TypeError('Authorization: the auth-scheme is no token');
  if (data === undefined) return scheme;
  if (typeof data === 'string') {
    if (!isToken68(data)) throw new TypeError(`Authorization: the ${scheme} credentials are no token68`);
    return `${scheme} ${data}`;
  }
  const params = Object.keys(data).map((name) => `${name}=${written(name, data[name] as string, bare)}`);
  return `${scheme} ${params.join(', ')}`;
}

function written(name: string, value: string, bare: readonly string[]): string {
  if (!isToken(name)) throw new TypeError('Authorization: the name of an auth-param is no token');
  if (!bare.includes(name)) return quote(value);
  if (!isToken(value)) throw new TypeError(`Authorization: ${name} is no token`);
  return value;
}
