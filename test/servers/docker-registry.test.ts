import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { tokenFrom } from '../../examples/registry/token.js';
import { basic, bearer, createAuthFetch, outcomeOf } from '../../src/fetch.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { root } from '../support/source.js';
import { keyPair, REGISTRY, SERVICE, startTokenServer, tokenRegistry } from './registry.js';

const type = 'application/vnd.oci.image.manifest.v1+json';
const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const config = Buffer.from('{"architecture":"amd64","os":"linux"}');
const layer = Buffer.from('a layer of some bytes');
const descriptor = (bytes: Buffer) => ({
  mediaType: 'application/octet-stream',
  digest: digestOf(bytes),
  size: bytes.length,
});
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: type,
    config: { ...descriptor(config), mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: [{ ...descriptor(layer), mediaType: 'application/vnd.oci.image.layer.v1.tar' }],
  }),
);

describeServer(REGISTRY, 'tokens by challenge at docker-registry', () => {
  let tokens: Awaited<ReturnType<typeof startTokenServer>>;
  let server: Running;
  beforeAll(async () => {
    const pair = keyPair();
    tokens = await startTokenServer(pair);
    server = await startServer(REGISTRY, tokenRegistry(tokens.realm, pair.certificate));
    expect(await push('library/alpine')).toEqual([202, 201, 202, 201, 201]);
  });
  afterAll(async () => {
    await server?.stop();
    await tokens?.stop();
  });
  beforeEach(() => {
    tokens.asked.length = 0;
    tokens.lives.seconds = 60;
  });

  /** A client that keeps the statuses of what it sent. */
  function client(password?: string) {
    const statuses: number[] = [];
    const auth = basic({ username: 'alice', password: password ?? '' });
    const ask = password === undefined ? fetch : createAuthFetch({ origins: tokens.origin, auth });
    const authFetch = createAuthFetch({
      baseUrl: server.origin,
      auth: bearer(tokenFrom(ask)),
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        statuses.push(response.status);
        return response;
      },
    });
    return { authFetch, statuses };
  }

  /** Blobs first, one as a stream, then the manifest that names them. */
  async function push(name: string): Promise<number[]> {
    const { authFetch } = client('pw');
    const statuses: number[] = [];
    const keep = (response: Response) => {
      statuses.push(response.status);
      return response;
    };
    for (const bytes of [config, layer]) {
      const begun = keep(await authFetch(`/v2/${name}/blobs/uploads/`, { method: 'POST' }));
      const url = new URL(begun.headers.get('location') as string, server.origin);
      url.searchParams.set('digest', digestOf(bytes));
      const body = new Blob([bytes]).stream();
      keep(await authFetch(url, { method: 'PUT', body, duplex: 'half' } as RequestInit));
    }
    const headers = { 'content-type': type };
    keep(await authFetch(`/v2/${name}/manifests/latest`, { method: 'PUT', body: manifest, headers }));
    return statuses;
  }

  it('pulls: one token for manifest and blobs, asked for by service and scope', async () => {
    const { authFetch, statuses } = client();
    const headers = { accept: type };
    const response = await authFetch('/v2/library/alpine/manifests/latest', { headers });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(manifest);
    for (const bytes of [config, layer]) {
      const blob = await authFetch(`/v2/library/alpine/blobs/${digestOf(bytes)}`);
      expect(Buffer.from(await blob.arrayBuffer())).toEqual(bytes);
    }
    expect(statuses).toEqual([401, 200, 200, 200]);
    expect(tokens.asked).toEqual([
      { scopes: ['repository:library/alpine:pull'], service: SERVICE, authorization: undefined },
    ]);
  });

  it('pushes with one token, and keeps one for each repository', async () => {
    expect(await push('library/other')).toEqual([202, 201, 202, 201, 201]);
    expect(tokens.asked).toHaveLength(1);
    // in either order, from one challenge to the next
    expect(tokens.asked[0]?.scopes.join()).toMatch(/^repository:library\/other:(?:pull,push|push,pull)$/);
    expect(tokens.asked[0]?.authorization).toBe(`Basic ${btoa('alice:pw')}`);
  });

  it('costs fifty requests at once one token request', async () => {
    const { authFetch, statuses } = client();
    const path = '/v2/library/alpine/manifests/latest';
    const all = await Promise.all(
      Array.from({ length: 50 }, () => authFetch(path, { headers: { accept: type } })),
    );
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    expect(tokens.asked).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(50);
  });

  it('ends where the token for the scope is refused with the same scope', async () => {
    const { authFetch, statuses } = client();
    const response = await authFetch('/v2/library/alpine/blobs/uploads/', { method: 'POST' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(outcomeOf(response)).toMatchObject({ reason: 'insufficient-scope', sendings: 2 });
    expect(statuses).toEqual([401, 401]);
    expect(tokens.asked).toHaveLength(1);
  });

  it('asks for another token where the registry says that it has expired', async () => {
    // further in the past than the leeway of the registry
    tokens.lives.seconds = -120;
    const { authFetch, statuses } = client();
    const first = await authFetch('/v2/library/alpine/tags/list');
    expect(outcomeOf(first)).toMatchObject({ reason: 'refused-again', sendings: 3 });
    expect(tokens.asked).toHaveLength(2);
    tokens.lives.seconds = 60;
    expect((await authFetch('/v2/library/alpine/tags/list')).status).toBe(200);
    expect(statuses).toEqual([401, 401, 401, 401, 200]);
  });

  it('is what examples/registry does', async () => {
    const env = { ...process.env, REGISTRY: server.origin };
    const args = [`${root}examples/registry/pull.ts`, 'library/alpine', 'latest'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    expect(stdout.trim().split('\n')).toEqual(
      [config, layer].map((bytes) => `${digestOf(bytes)} ${bytes.length} bytes`),
    );
  });
});
