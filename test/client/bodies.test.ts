import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthClient } from '../../src/client/options.js';
import { createAuthClient } from '../../src/client.js';
import { tokens } from './support.js';

const bytes = new Uint8Array([0, 255, 10, 13, 128]);
const received: { authorization: string | undefined; type: string | undefined; body: Buffer }[] = [];

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { authorization, 'content-type': type } = request.headers;
  received.push({ authorization, type, body: Buffer.concat(chunks) });
  response.statusCode = authorization === 'Bearer fresh' ? 200 : 401;
  response.setHeader('WWW-Authenticate', 'Bearer');
  response.end('{}');
});
let api: () => AuthClient;

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  api = () => createAuthClient({ baseUrl, auth: tokens('fresh') });
});
afterAll(() => new Promise((closed) => server.close(closed)));

function form(): FormData {
  const form = new FormData();
  form.set('name', 'value');
  form.set('file', new File([bytes], 'f.bin'));
  return form;
}
const stream = () => new Blob(['one', 'two']).stream();

describe('createAuthClient', () => {
  it.each<[string, () => Record<string, unknown>]>([
    ['json', () => ({ json: { a: 1 } })],
    ['a string', () => ({ body: 'text' })],
    ['an ArrayBuffer', () => ({ body: bytes.slice().buffer })],
    ['a Blob', () => ({ body: new Blob([bytes], { type: 'image/png' }) })],
    ['FormData', () => ({ body: form() })],
    ['URLSearchParams', () => ({ body: new URLSearchParams({ a: 'ä' }) })],
    ['a stream', () => ({ body: stream() })],
    ['a stream that ky does not keep for a retry', () => ({ body: stream(), retry: 0 })],
  ])('replays %s byte for byte', async (_name, options) => {
    received.length = 0;
    await api().post('upload', options());
    const [first, second] = received;
    expect(received.map((call) => call.authorization)).toEqual(['Bearer stale', 'Bearer fresh']);
    expect(first?.body.length).toBeGreaterThan(0);
    expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
    expect(second?.type).toBe(first?.type);
  });
});
