import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { FakeCore, sessionOver } from './support.js';

// One server, asked the same twice: by fetch, which it lets in, and by the auth fetch, which it may refuse first.

type Refusal = 'none' | 'at once' | 'after the body';
interface Seen {
  method: string | undefined;
  path: string | undefined;
  headers: Record<string, unknown>;
  body: string;
}

let origin = '';
let refusal: Refusal = 'none';
let refusalBody: { size: number; declared: boolean; zipped: boolean };
const seen: Seen[] = [];

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refused = refusal !== 'none' && request.headers.authorization !== 'Bearer t2';
  const refuse = () => {
    const { size, declared, zipped } = refusalBody;
    const body = zipped ? gzipSync('x'.repeat(size)) : Buffer.alloc(size, 'x');
    response.writeHead(401, {
      'www-authenticate': 'Bearer error="invalid_token"',
      ...(declared && { 'content-length': body.byteLength }),
      ...(zipped && { 'content-encoding': 'gzip' }),
    });
    response.end(body);
  };
  if (refused && refusal === 'at once') {
    request.resume();
    return refuse();
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (refused) return refuse();
  const { authorization: _, host: _h, connection: _c, 'keep-alive': _k, ...headers } = request.headers;
  let body = Buffer.concat(chunks).toString('latin1');
  // each sending of a form may have its own
  const boundary = /^--(-{4}\w\S+)/.exec(body)?.[1];
  if (boundary) {
    headers['content-type'] = headers['content-type']?.replace(/boundary=.*/, 'boundary');
    body = body.split(boundary).join('boundary');
    delete headers['content-length'];
  }
  seen.push({ method: request.method, path: request.url, headers, body });
  const [, status, to] = /^\/(\d\d\d)(\/.*)?$/.exec(request.url ?? '') ?? [];
  if (request.url?.startsWith('/reset')) return void response.destroy();
  if (request.url?.startsWith('/cut')) {
    response.writeHead(200, { 'content-length': 10 });
    response.write('cut', () => response.destroy());
    return;
  }
  response.writeHead(Number(status ?? 200), { 'x-a': '1', ...(to ? { location: to } : {}) });
  response.end('said');
}

const server = createServer((request, response) => {
  handle(request, response).catch(() => response.destroy());
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen.length = 0;
});

/** What a caller can tell of a call, and what the server saw of it. */
async function told(call: () => Promise<Response>): Promise<unknown> {
  seen.length = 0;
  let came: unknown;
  try {
    const response = await call();
    const { status, statusText, url, redirected, type } = response;
    const headers = [...response.headers].filter(([name]) => !/^(date|connection|keep-alive)$/.test(name));
    const body = await response.text().catch((error: Error) => `${error.name}: ${error.message}`);
    came = { status, statusText, url, redirected, type, headers, body };
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
    came = { name, message, code: cause?.code ?? cause?.message };
  }
  return { came, seen: [...seen] };
}

const bodies: Record<string, () => unknown> = {
  none: () => undefined,
  null: () => null,
  text: () => 'tëxt',
  empty: () => '',
  params: () => new URLSearchParams({ a: '1 ä', b: '&' }),
  form: () => {
    const form = new FormData();
    form.append('a"\r\n', 'b\nc');
    form.append('file', new File(['\u0000\u0001'], 'n"ä.txt', { type: 'text/x' }));
    return form;
  },
  blob: () => new Blob(['blob'], { type: 'text/odd' }),
  'blob without a type': () => new Blob(['blob']),
  buffer: () => new Uint8Array([0, 255, 1]).buffer,
  view: () => new Uint8Array([9, 0, 255, 1, 9]).subarray(1, 4),
  'data view': () => new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
  number: () => 7,
  'text object': () => new String('object'),
  stream: () =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('str'));
        controller.enqueue(new TextEncoder().encode('eam'));
        controller.close();
      },
    }),
};

const headers: Record<string, () => unknown> = {
  none: () => undefined,
  object: () => ({ 'X-One': '1', 'x-two': ' 2 ' }),
  pairs: () => [
    ['X-One', '1'],
    ['x-one', '2'],
  ],
  Headers: () => new Headers({ 'X-One': '1', 'content-type': 'text/own' }),
  map: () => new Map([['x-one', '1']]),
  'with a type': () => ({ 'Content-Type': 'text/own' }),
  'null prototype': () => Object.assign(Object.create(null), { 'x-one': '1' }),
  invalid: () => ({ 'x one': '1' }),
  'invalid value': () => ({ 'x-one': 'a\u0100' }),
};

const paths = [
  '/a?b=c#d',
  '/a/../b/%2e%2e/c%20d?e f',
  '/a\\b/./c\t?d#e',
  '/ä?ö=ü',
  '/204',
  '/304',
  '/500',
  '/reset',
  '/cut',
  '/301/x',
  '/302/x',
  '/303/x',
  '/307/x',
  '/308/301/x',
  '/302',
  '/302//other.invalid:1/',
];

const calls = fc
  .record({
    path: fc.constantFrom(...paths),
    input: fc.constantFrom('text', 'relative', 'URL', 'Request'),
    method: fc.constantFrom(
      undefined,
      'get',
      'POST',
      'put',
      'patch',
      'PATCH',
      'DELETE',
      'HEAD',
      'CHICKEN',
      'a b',
      'TRACE',
    ),
    body: fc.constantFrom(...Object.keys(bodies)),
    headers: fc.constantFrom(...Object.keys(headers)),
    redirect: fc.constantFrom(undefined, 'follow', 'error', 'manual'),
    signal: fc.constantFrom(undefined, 'live', 'aborted'),
    split: fc.boolean(),
  })
  .filter(({ body, signal }) => body !== 'form' || signal !== 'aborted'); // Node’s own fetch leaves a rejection unhandled
const refusalBodies = fc.record({
  size: fc.constantFrom(0, 25, 16_384, 40_000),
  declared: fc.boolean(),
  zipped: fc.boolean(),
});
type Given = typeof calls extends fc.Arbitrary<infer T> ? T : never;

/** The same call, made anew. */
function arguments_(given: Given, hasBase: boolean): [string | URL | Request, RequestInit | undefined] {
  const { path, input, method, redirect, signal } = given;
  const init: Record<string, unknown> = {};
  if (method !== undefined) init['method'] = method;
  if (redirect !== undefined) init['redirect'] = redirect;
  const body = bodies[given.body]?.();
  if (given.body !== 'none') init['body'] = body;
  if (given.body === 'stream') init['duplex'] = 'half';
  const own = headers[given.headers]?.();
  if (own !== undefined) init['headers'] = own;
  if (signal !== undefined)
    init['signal'] = signal === 'live' ? new AbortController().signal : AbortSignal.abort('why');
  const url = input === 'relative' ? new URL(path, `${origin}/base/`).href : origin + path;
  if (input === 'relative') return [hasBase ? path : url, init as RequestInit];
  if (input === 'text') return [url, init as RequestInit];
  if (input === 'URL') return [new URL(url), init as RequestInit];
  if (!given.split) return [new Request(url, init as RequestInit), undefined];
  const { redirect: r, signal: s, headers: h, ...rest } = init;
  const second = { ...(r ? { redirect: r } : {}), ...(s ? { signal: s } : {}), ...(h ? { headers: h } : {}) };
  return [new Request(url, rest as RequestInit), second as RequestInit];
}

describe('createAuthFetch', () => {
  it.each<Refusal>(['none', 'at once', 'after the body'])(
    'is the platform’s fetch but for the credentials; refused before: %s',
    async (how) => {
      await fc.assert(
        fc.asyncProperty(calls, refusalBodies, async (given, body) => {
          refusal = 'none';
          refusalBody = body;
          const bare = await told(async () => fetch(...arguments_(given, false)));
          refusal = how;
          const core = new FakeCore(how === 'none' ? 't2' : 't1');
          const authFetch = createAuthFetch({ baseUrl: `${origin}/base/`, auth: sessionOver(core) });
          expect(await told(async () => authFetch(...arguments_(given, true)))).toEqual(bare);
        }),
        { numRuns: Number(process.env['TRANSPARENT_RUNS'] ?? 200) },
      );
    },
  );
});
