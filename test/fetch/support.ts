import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import type { AuthFetch, AuthFetchOptions } from '../../src/fetch/options.js';
import type { UnauthorizedReason } from '../../src/protocol/outcome.js';
import { type Held, type Replaced, type SessionCore, sessionCore } from '../../src/protocol/session-core.js';
import type { CookieSession, Session } from '../../src/session/types.js';

export const ORIGIN = 'https://api.example.com';

/** A promise that is settled from outside. */
export function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** A session made by hand: what a corridor sees of one. */
export class FakeCore implements SessionCore {
  held: Held | undefined;
  /** What `replace` answers where nothing newer is held. @default mints `t2`, `t3`, … */
  renew: (refused: Held) => Replaced | Promise<Replaced> = () => ({ held: this.mint(), minted: true });
  replaced: Held[] = [];
  acceptedTokens: Held[] = [];
  csrf?: SessionCore['csrf'];
  #generation = 1;

  constructor(token: string | null = 't1') {
    this.held = token === null ? undefined : this.make(token);
  }
  make(accessToken: string): Held {
    return { id: 'a', generation: this.#generation, accessToken, tokenType: 'Bearer', expiresAt: undefined };
  }
  mint(): Held {
    this.#generation++;
    this.held = this.make(`t${this.#generation}`);
    return this.held;
  }
  begin(): unknown {
    return 'life';
  }
  current(_begun?: unknown): Held | undefined | Promise<Held | undefined> {
    return this.held;
  }
  replace(refused: Held): Replaced | Promise<Replaced> {
    this.replaced.push(refused);
    if (this.held === undefined) return { undelivered: 'signed-out' satisfies UnauthorizedReason };
    if (this.held !== refused) return { held: this.held, minted: false };
    return this.renew(refused);
  }
  accepted(held: Held): void {
    this.acceptedTokens.push(held);
  }
}

export function sessionOver(core: SessionCore): Session {
  return { [sessionCore]: core, token: () => Promise.reject(new Error('not used')) } as unknown as Session;
}

export function cookieSessionOver(core: SessionCore): CookieSession {
  return { [sessionCore]: core } as unknown as CookieSession;
}

export interface Seen {
  readonly url: string;
  readonly method: string;
  readonly authorization: string | null;
  readonly headers: Headers;
  readonly body: string;
  readonly bytes: Uint8Array;
  readonly request: Request;
}

/** A fetch without a network, which reads what it is sent as a server would. */
export function stubFetch(answer: (seen: Seen, count: number) => Response | Promise<Response>) {
  const seen: Seen[] = [];
  const calls: { input: unknown; init: RequestInit | undefined }[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    calls.push({ input, init });
    const request = new Request(input, init);
    const bytes = new Uint8Array(await request.arrayBuffer());
    const { url, method, headers } = request;
    const body = new TextDecoder().decode(bytes);
    const one = { url, method, headers, body, bytes, request, authorization: headers.get('authorization') };
    seen.push(one);
    return answer(one, seen.length);
  };
  return { fetch, seen, calls };
}

export function refuse(
  challenge: string | null = 'Bearer error="invalid_token"',
  body = 'refused',
): Response {
  const headers: Record<string, string> = { 'content-length': String(body.length) };
  if (challenge !== null) headers['www-authenticate'] = challenge;
  return new Response(body, { status: 401, headers });
}

/** A corridor whose server takes one token and refuses all others. */
export function takesOnly(token: string, core = new FakeCore(), options: Partial<AuthFetchOptions> = {}) {
  const stub = stubFetch(({ authorization }) =>
    authorization === `Bearer ${token}` ? new Response('taken') : refuse(),
  );
  const authFetch = createAuthFetch({
    origins: ORIGIN,
    auth: sessionOver(core),
    fetch: stub.fetch,
    ...options,
  });
  return { core, authFetch, ...stub };
}

/** A server on loopback; `close` ends its connections too. */
export async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { server, origin, close };
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export type { AuthFetch };
