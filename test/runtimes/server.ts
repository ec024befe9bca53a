import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { control } from './server/control.ts';
import { crossOrigin } from './server/cors.ts';
import { answer, type Exchange, read } from './server/exchange.ts';
import { Realm } from './server/realm.ts';
import { route } from './server/routes.ts';

/** What the suite talks to: three origins on loopback, and files for those who load the suite itself over HTTP. */
export interface TestServer {
  /** Resources and token endpoints. */
  readonly url: string;
  /** The same under another origin. */
  readonly other: string;
  /** Counts, gates and settings: apart, so that requests which are held leave it a connection. */
  readonly control: string;
  /** Served by `url` and `other` under these paths, as they are. */
  readonly files: Map<string, { readonly type: string; readonly body: string | Uint8Array }>;
  close(): Promise<void>;
}

export async function startServer(): Promise<TestServer> {
  const realms = new Map<string, Realm>();
  const files: TestServer['files'] = new Map();
  const urls = { url: '', other: '', control: '' };

  const resources = async (exchange: Exchange) => {
    const file = files.get(exchange.path);
    if (file) return answer(exchange.response, 200, file.body, { 'content-type': file.type });
    const [, id = '', rest = ''] = /^\/r\/(\w+)(\/.*)$/.exec(exchange.path) ?? [];
    const realm = realms.get(id);
    if (!realm) return answer(exchange.response, 404, 'no such realm');
    return route(realm, { ...exchange, path: rest });
  };
  const controls = async (exchange: Exchange) => {
    if (exchange.path === '/origins') return answer(exchange.response, 200, { ...urls });
    if (exchange.path === '/realms') {
      const realm = new Realm(String(realms.size + 1), JSON.parse(exchange.body.toString() || '{}'));
      realms.set(realm.id, realm);
      return answer(exchange.response, 200, { id: realm.id });
    }
    const [, id = '', verb = ''] = /^\/r\/(\w+)\/(\w+)$/.exec(exchange.path) ?? [];
    const realm = realms.get(id);
    return realm ? control(realm, verb, exchange) : answer(exchange.response, 404, 'no such realm');
  };

  const servers = [
    await listen(serve('main', resources)),
    await listen(serve('other', resources)),
    await listen(serve('control', controls)),
  ];
  [urls.url, urls.other, urls.control] = servers.map(originOf) as [string, string, string];
  return {
    ...urls,
    files,
    async close() {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function serve(origin: Exchange['origin'], handle: (exchange: Exchange) => Promise<void>): Server {
  return createServer(
    { keepAliveTimeout: 30_000 },
    async (request: IncomingMessage, response: ServerResponse) => {
      response.on('error', () => {});
      request.on('error', () => {});
      try {
        const exchange = await read(origin, request, response);
        if (crossOrigin(exchange)) return;
        await handle(exchange);
      } catch (error) {
        if (response.headersSent) response.destroy();
        else answer(response, 500, error instanceof Error ? error.message : String(error));
      }
    },
  );
}

function listen(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
