import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { ReferenceProvider } from '../support/oidc/index.ts';

/** A token request: the refresh token, who sent it and when, and how and when it was answered. */
export interface TokenRequest {
  readonly by: string;
  readonly token: string;
  readonly from: number;
  at: number;
  status: number;
  /** The access token that was issued. */
  brought: string | undefined;
}
/** A request to the API, and whose token it carried. */
export interface ApiRequest {
  readonly by: string;
  /** Who the page said is signed in when the call began. */
  readonly as: string;
  readonly user: string | undefined;
  readonly token: string | undefined;
  readonly status: number;
}
/** What a page says that went wrong. */
export interface Report {
  readonly by: string;
  readonly what: string;
  readonly signInRequired: boolean;
}

type Handler = (request: IncomingMessage, body: string) => Promise<{ status: number; json: unknown }>;

/** The origin of the app: its pages and scripts, its API, and the way to the token endpoint. */
export interface Site {
  readonly origin: string;
  readonly tokenRequests: TokenRequest[];
  readonly apiRequests: ApiRequest[];
  readonly reports: Report[];
  /** Answers the token requests. */
  token: Handler;
  /** Whose token it is; undefined: nobody's that is good. */
  userOf: (token: string) => Promise<string | undefined>;
  stop(): Promise<void>;
}

/** Built once for every script: what the browsers load is dist. */
export async function scriptOf(name: string): Promise<string> {
  const entry = fileURLToPath(new URL(`page/${name}.ts`, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

export async function startSite(scripts: readonly string[]): Promise<Site> {
  const built = new Map<string, string>();
  for (const name of scripts) built.set(`/${name}.js`, await scriptOf(name));
  const server = createServer({ keepAliveTimeout: 30_000 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 2_048, resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const site: Site = {
    origin,
    tokenRequests: [],
    apiRequests: [],
    reports: [],
    token: async () => ({ status: 503, json: {} }),
    userOf: async () => undefined,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', origin);
    const by = String(request.headers['x-process'] ?? url.searchParams.get('tab') ?? '');
    const body = Buffer.concat(await request.toArray()).toString();
    const json = (status: number, value: unknown, headers = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(value));
    const script = built.get(url.pathname);
    if (script !== undefined)
      return response
        .writeHead(200, { 'content-type': 'text/javascript', 'service-worker-allowed': '/' })
        .end(script);
    if (url.pathname === '/token') {
      const posted = new URLSearchParams(body).get('refresh_token') ?? '';
      const entry: TokenRequest = {
        by,
        token: posted,
        from: Date.now(),
        at: 0,
        status: 0,
        brought: undefined,
      };
      site.tokenRequests.push(entry);
      const answered = await site.token(request, body);
      const { access_token: brought } = answered.json as { access_token?: string };
      Object.assign(entry, { at: Date.now(), status: answered.status, brought });
      return json(answered.status, answered.json);
    }
    if (url.pathname === '/report') {
      site.reports.push(JSON.parse(body));
      return response.writeHead(204).end();
    }
    if (url.pathname.startsWith('/api/')) {
      const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
      const user = token === undefined ? undefined : await site.userOf(token);
      const status = user === undefined ? 401 : 200;
      site.apiRequests.push({ by, as: url.searchParams.get('as') ?? '', user, token, status });
      return json(status, { user }, status === 401 ? { 'www-authenticate': 'Bearer realm="api"' } : {});
    }
    const page = built.has(`${url.pathname}.js`) ? `<script src="${url.pathname}.js"></script>` : '';
    return response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><title>latchkey</title><body>${page}</body>`);
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  return site;
}

/** Token requests go to oidc-provider, which is told who sent them; it says that its tokens live `lifeS` seconds. */
export function toProvider(idp: ReferenceProvider, lifeS: number): Handler {
  return async (request, body) => {
    const response = await fetch(`${idp.issuer}/token`, {
      method: 'POST',
      headers: {
        'content-type': request.headers['content-type'] ?? '',
        'x-process': String(request.headers['x-process']),
      },
      body,
    });
    const json = (await response.json()) as Record<string, unknown>;
    if ('expires_in' in json) json['expires_in'] = lifeS;
    return { status: response.status, json };
  };
}
