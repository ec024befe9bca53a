import type { Fetch } from './contenders.ts';

/** An API and a token endpoint in one process: rotation, and reuse of a spent refresh token revokes the family. */
export class ModelServer {
  valid = 'at-1';
  sendings = 0;
  refused = 0;
  tokenRequests = 0;
  revoked = false;
  #refreshToken = 'rt-0';
  readonly refreshMs: number;

  constructor(refreshMs: number) {
    this.refreshMs = refreshMs;
  }

  /** Answers in a later task, as a network does. */
  readonly fetch: Fetch = (_input, init) => {
    this.sendings++;
    const headers = init?.headers as { Authorization?: string; authorization?: string } | Headers | undefined;
    const sent =
      headers instanceof Headers
        ? headers.get('authorization')
        : (headers?.Authorization ?? headers?.authorization);
    const good = !this.revoked && sent === `Bearer ${this.valid}`;
    if (!good) this.refused++;
    return new Promise((resolve) => {
      setImmediate(() => resolve(good ? ok() : refusal()));
    });
  };

  readonly refresh = (posted?: string): Promise<{ access_token: string; refresh_token: string }> => {
    this.tokenRequests++;
    if (posted !== undefined && posted !== this.#refreshToken) this.revoked = true;
    this.#refreshToken = `rt-${this.tokenRequests}`;
    const tokens = { access_token: this.valid, refresh_token: this.#refreshToken };
    return new Promise((resolve) => setTimeout(() => resolve(tokens), this.refreshMs));
  };
}

export function ok(): Response {
  return new Response('{"ok":true}', { headers: { 'content-type': 'application/json' } });
}

export function refusal(): Response {
  return new Response('{"error":"invalid_token"}', {
    status: 401,
    headers: { 'www-authenticate': 'Bearer realm="api", error="invalid_token"', 'content-length': '25' },
  });
}
