import { createHash } from 'node:crypto';
import type { AuthFetchOptions } from '../../../src/fetch.js';
import { createAuthFetch } from '../../../src/fetch.js';
import { parseChallenges } from '../../../src/protocol/challenge.js';
import type { Credentials } from '../../../src/protocol/credentials.js';
import type { UserPasswordProvider } from '../../../src/schemes/basic.js';
import { digest } from '../../../src/schemes/digest/digest.js';
import type { DigestOptions } from '../../../src/schemes/digest/options.js';
import type { Target } from '../../../src/schemes/scheme.js';
import type { UserPassword } from '../../../src/schemes/user-password.js';

export const HOST = 'https://h.example';
export const MUFASA: UserPassword = { username: 'Mufasa', password: 'Circle of Life' };

export function targetOf(path = '/', body: Target['body'] = 'none', method = 'GET'): Target {
  return { url: HOST + path, method, headers: new Headers(), body };
}

/** The auth-params of an Authorization field, as a server reads them. */
export function paramsOf(authorization: string | null | undefined): Record<string, string> {
  return { ...parseChallenges(authorization ?? null)[0]?.params };
}

export const fieldOf = (credentials: unknown): string =>
  (credentials as Credentials | undefined)?.headers?.['Authorization'] ?? '';

/** The hash of node:crypto, not ours. */
export function nodeHash(algorithm: string, data: string | Uint8Array): string {
  const name = { md5: 'md5', 'sha-256': 'sha256', 'sha-512-256': 'sha512-256' }[
    algorithm.toLowerCase().replace(/-sess$/, '')
  ] as string;
  return createHash(name)
    .update(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
    .digest('hex');
}

/** What `response` must be, or `rspauth` where there is no method; texts are byte strings. */
export function expected(
  params: Record<string, string>,
  method: string,
  { username, password }: UserPassword,
  body = '',
): string {
  const { algorithm = 'MD5', realm, nonce, uri, qop, nc, cnonce } = params;
  const bytes = (text: string) => Buffer.from(text.normalize('NFC')).toString('latin1');
  const hash = (data: string) => nodeHash(algorithm, data);
  const key = hash(`${bytes(username)}:${realm}:${bytes(password)}`);
  const a1 = /-sess$/i.test(algorithm) ? hash(`${key}:${nonce}:${cnonce}`) : key;
  const a2 = hash(`${method}:${uri}${qop === 'auth-int' ? `:${hash(bytes(body))}` : ''}`);
  return hash(`${a1}:${nonce}:${qop ? `${nc}:${cnonce}:${qop}:` : ''}${a2}`);
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly params: Record<string, string>;
  readonly authorization: string | null;
}

/** A fetch below whose server is a function of what was sent. */
export function served(
  answer: (seen: Seen, n: number) => Response | Promise<Response>,
  credentials: UserPassword | UserPasswordProvider = MUFASA,
  options?: DigestOptions,
  more: Partial<AuthFetchOptions> = {},
) {
  const seen: Seen[] = [];
  const authFetch = createAuthFetch({
    auth: digest(credentials, options),
    baseUrl: HOST,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { pathname, search } = new URL(request.url);
      const authorization = request.headers.get('authorization');
      const one: Seen = {
        method: request.method,
        path: pathname + search,
        body: await request.text(),
        params: paramsOf(authorization),
        authorization,
      };
      seen.push(one);
      return answer(one, seen.length);
    },
    ...more,
  });
  return { authFetch, seen };
}

export function challenge(params: string): Response {
  return new Response('no', { status: 401, headers: { 'WWW-Authenticate': `Digest ${params}` } });
}

/** Whether a server would take it: the right response for what was sent. */
export function isRight({ params, method, body, path }: Seen, user: UserPassword = MUFASA): boolean {
  return params['uri'] === path && params['response'] === expected(params, method, user, body);
}
