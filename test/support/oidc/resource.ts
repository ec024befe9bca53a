import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen, sleep } from './loopback.ts';
import type { ReferenceProvider } from './provider.ts';

/** One answer of the resource server. */
interface Answered {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly status: number;
  readonly path: string;
}

/** An API on loopback that takes the provider's access tokens. */
export interface ReferenceResource {
  /** Ends with a slash. */
  readonly url: string;
  readonly counts: { requests: number; ok: number; unauthorized: number };
  /** What was answered, in order. */
  readonly log: Answered[];
  /** Counts and log start anew. */
  reset(): void;
  stop(): Promise<void>;
}

/**
 * Starts the API: 200 for a live access token; otherwise 401 with a Bearer challenge (RFC 6750, section 3), without
 * an error where no token was sent. `?delay=ms` judges at once and answers later.
 */
export async function startResource({ provider }: ReferenceProvider): Promise<ReferenceResource> {
  const { server, origin, stop } = await listen();
  const counts = { requests: 0, ok: 0, unauthorized: 0 };
  const log: Answered[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    counts.requests++;
    const { pathname, searchParams } = new URL(request.url ?? '/', origin);
    request.resume();
    const [scheme = '', token = ''] = (request.headers.authorization ?? '').split(' ');
    const bearer = scheme.toLowerCase() === 'bearer' ? token : '';
    const found = bearer
      ? ((await provider.AccessToken.find(bearer)) ?? (await provider.ClientCredentials.find(bearer)))
      : undefined;
    const known = found && found.exp * 1_000 > Date.now() ? found : undefined;
    const delay = Number(searchParams.get('delay'));
    if (delay > 0) await sleep(delay);
    log.push({ at: Date.now(), status: known ? 200 : 401, path: pathname });
    if (known) {
      counts.ok++;
      const body = { path: pathname, client: known.clientId, user: known.accountId, scope: known.scope };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    counts.unauthorized++;
    const error = bearer ? ', error="invalid_token", error_description="expired or unknown"' : '';
    const headers = { 'www-authenticate': `Bearer realm="api"${error}`, 'content-type': 'application/json' };
    response.writeHead(401, headers).end('{"detail":"unauthorized"}');
  }

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  return {
    url: `${origin}/`,
    counts,
    log,
    reset() {
      Object.assign(counts, { requests: 0, ok: 0, unauthorized: 0 });
      log.length = 0;
    },
    stop,
  };
}
