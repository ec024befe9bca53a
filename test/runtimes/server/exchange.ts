import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that is here whole, and where its answer goes. */
export interface Exchange {
  readonly origin: 'main' | 'other' | 'control';
  readonly method: string;
  /** Absolute, as it was asked for. */
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly response: ServerResponse;
}

export async function read(
  origin: Exchange['origin'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Exchange> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
  const headers = new Headers();
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    headers.append(request.rawHeaders[i] ?? '', request.rawHeaders[i + 1] ?? '');
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    origin,
    method: request.method ?? 'GET',
    url: url.href,
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks),
    response,
  };
}

/** Texts and bytes as they are, everything else as JSON. */
export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string | string[]> = {},
): void {
  if (response.destroyed) return;
  const plain = typeof body === 'string' || body instanceof Uint8Array;
  const bytes = Buffer.from(plain ? (body as Uint8Array) : JSON.stringify(body));
  const type = plain ? 'text/plain' : 'application/json';
  response.writeHead(status, {
    'content-type': type,
    'content-length': bytes.length,
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(bytes);
}
