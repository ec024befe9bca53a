import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a loopback server answers with. */
export type Handler = (request: Request) => Promise<Response>;

/** A handler of the Web platform behind node:http, on a port that was free; `close` ends it. */
export async function serve(handler: Handler): Promise<{ origin: string; close(): Promise<void> }> {
  const listener: RequestListener = async (incoming, outgoing) => {
    const chunks = await incoming.toArray();
    const { method = 'GET', url = '/', headers } = incoming;
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
    const request = new Request(new URL(url, `http://${headers.host}`), {
      method,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(body && { body }),
    });
    const response = await handler(request).catch((error) => new Response(String(error), { status: 500 }));
    outgoing.writeHead(response.status, [...response.headers].flat());
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  };
  const server = createServer(listener);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

/** A sign-in at the authorization server: refresh tokens rotate, and one that is used twice ends it. */
interface Family {
  readonly user: string;
  count: number;
  /** The tokens that count now. */
  access: string;
  refresh: string;
  ended: boolean;
}

/** An authorization server and an API, which know whose every token is. */
export class World {
  origin = '';
  /** Token requests by user, in order. */
  readonly tokenRequests: string[] = [];
  /** Who was served by the API, in order; `undefined`: refused. */
  readonly served: (string | undefined)[] = [];
  /** Is waited for before a token request of this user is answered. */
  gate: (user: string) => Promise<void> | undefined = () => undefined;
  /** Seconds that access tokens live. */
  lifetime = 300;
  /** The API refuses everybody, whatever they have. */
  closed = false;
  readonly #families = new Map<string, Family>();
  #close: () => Promise<void> = async () => {};

  async start(): Promise<void> {
    const { origin, close } = await serve((request) => this.#answer(request));
    this.origin = origin;
    this.#close = close;
  }

  stop(): Promise<void> {
    return this.#close();
  }

  /** What the authorization server gives a user who has signed in. */
  signIn(user: string): { access_token: string; refresh_token: string; expires_in: number } {
    const family: Family = { user, count: 0, access: '', refresh: '', ended: false };
    this.#families.set(user, family);
    return this.#issue(family);
  }

  /** The API refuses what this user has now. */
  expire(user: string): void {
    const family = this.#families.get(user);
    if (family) family.access = '';
  }

  isOver(user: string): boolean {
    return this.#families.get(user)?.ended !== false;
  }

  #issue(family: Family) {
    family.count += 1;
    family.access = `at-${family.user}-${family.count}`;
    family.refresh = `rt-${family.user}-${family.count}`;
    return {
      access_token: family.access,
      refresh_token: family.refresh,
      token_type: 'Bearer',
      expires_in: this.lifetime,
    };
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/token') return this.#token(new URLSearchParams(await request.text()));
    if (pathname === '/revoke') return new Response();
    if (pathname.startsWith('/.well-known/oauth-authorization-server')) {
      return Response.json({
        issuer: this.origin,
        authorization_endpoint: `${this.origin}/authorize`,
        token_endpoint: `${this.origin}/token`,
        revocation_endpoint: `${this.origin}/revoke`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
      });
    }
    return pathname.startsWith('/api/') ? this.#api(request) : new Response(null, { status: 404 });
  }

  async #token(form: URLSearchParams): Promise<Response> {
    const [, user = ''] = (form.get('refresh_token') ?? form.get('code') ?? '').split('-');
    this.tokenRequests.push(user);
    await this.gate(user);
    if (form.get('grant_type') === 'authorization_code') return Response.json(this.signIn(user));
    const family = this.#families.get(user);
    if (!family || family.ended || family.refresh !== form.get('refresh_token')) {
      if (family) Object.assign(family, { ended: true, access: '' });
      return Response.json({ error: 'invalid_grant' }, { status: 400 });
    }
    return Response.json(this.#issue(family));
  }

  #api(request: Request): Response {
    const token = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
    const family = [...this.#families.values()].find(({ access }) => access !== '' && access === token);
    const user = this.closed ? undefined : family?.user;
    this.served.push(user);
    if (user !== undefined) return Response.json([{ id: `order-of-${user}` }]);
    return Response.json(
      {},
      { status: 401, headers: { 'WWW-Authenticate': 'Bearer realm="api", error="invalid_token"' } },
    );
  }
}
