import type { FetchLike } from '../../src/types.js';

/** One request as the stubbed authorization server saw it. */
export interface Seen {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly form: URLSearchParams;
  readonly init: RequestInit;
}

type Answer = Response | Error | ((seen: Seen) => Response | Promise<Response>);

export const issuer = 'https://id.example.com/tenant';
export const metadataUrl = 'https://id.example.com/.well-known/oauth-authorization-server/tenant';
export const openidUrl = `${issuer}/.well-known/openid-configuration`;
export const tokenUrl = `${issuer}/token`;
export const revocationUrl = `${issuer}/revoke`;

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function metadata(more: Record<string, unknown> = {}): Response {
  return json({ issuer, token_endpoint: tokenUrl, revocation_endpoint: revocationUrl, ...more });
}

export const tokens = { access_token: 'at-1', token_type: 'Bearer', expires_in: 60, refresh_token: 'rt-2' };

/** An authorization server behind a fetch: by URL its answers in turn, the last one for good; anything else is 404. */
export function authorizationServer(routes: Record<string, Answer | readonly Answer[]> = {}) {
  const all: Record<string, Answer | readonly Answer[]> = {
    [metadataUrl]: () => metadata(),
    [tokenUrl]: () => json(tokens),
    [revocationUrl]: () => new Response(null, { status: 200 }),
    ...routes,
  };
  const requests: Seen[] = [];
  const fetch: FetchLike = async (input, init = {}) => {
    const url = String(input);
    const form = new URLSearchParams(typeof init.body === 'string' ? init.body : '');
    const seen = { url, method: init.method ?? 'GET', headers: new Headers(init.headers), form, init };
    const before = requests.filter((request) => request.url === url).length;
    requests.push(seen);
    init.signal?.throwIfAborted();
    const route = Object.hasOwn(all, url) ? all[url] : undefined;
    const answer = Array.isArray(route) ? route[Math.min(before, route.length - 1)] : route;
    if (answer === undefined) return new Response('no', { status: 404 });
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer(seen) : answer.clone();
  };
  return { fetch, requests, to: (url: string) => requests.filter((request) => request.url === url) };
}

/** What a session gives a grant. */
export function context(fetch: FetchLike, signal: AbortSignal = new AbortController().signal) {
  return { fetch, signal, held: { accessToken: 'at-0', refreshToken: 'rt-1' } };
}

export interface Rejection extends Error {
  readonly error: string;
  readonly issues: readonly unknown[];
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Rejection> {
  return promise.then(
    (value) => {
      throw new Error(`resolved with ${JSON.stringify(value)}`);
    },
    (error) => error,
  );
}
