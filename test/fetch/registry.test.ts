import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tokenFrom } from '../../examples/registry/token.js';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { outcomeOf } from '../../src/fetch/outcome.js';
import { basic } from '../../src/schemes/basic.js';
import { bearer } from '../../src/schemes/bearer.js';
import { BLOBS, MANIFEST, REPOSITORY, startRegistry } from '../support/registry.js';
import { root } from '../support/source.js';

const manifest = `/v2/${REPOSITORY}/manifests/latest`;
const blobs = [...BLOBS.keys()].map((digest) => `/v2/${REPOSITORY}/blobs/${digest}`);
const alice = { username: 'alice', password: 'pw' };

let registry: Awaited<ReturnType<typeof startRegistry>>;
beforeEach(async () => {
  registry = await startRegistry();
});
afterEach(() => registry.stop());

function connect(user?: typeof alice) {
  const ask = user ? createAuthFetch({ origins: registry.tokenServer, auth: basic(user) }) : fetch;
  const source = vi.fn(tokenFrom(ask));
  const authFetch = createAuthFetch({ baseUrl: registry.origin, auth: bearer(source) });
  const asked = () => source.mock.calls.filter(([{ challenge }]) => challenge !== undefined);
  return { authFetch, source, asked };
}

describe('a container registry', () => {
  it('is pulled from: the token server is asked once, and what follows is sent with its token', async () => {
    const { authFetch } = connect();
    expect(await (await authFetch(manifest)).text()).toBe(MANIFEST);
    for (const [i, bytes] of [...BLOBS.values()].entries()) {
      const blob = await authFetch(blobs[i] as string);
      expect(Buffer.from(await blob.arrayBuffer())).toEqual(bytes);
    }
    expect(registry.of('registry').map(({ status }) => status)).toEqual([401, 200, 307, 307]);
    expect(registry.of('token')).toHaveLength(1);
    // 20.7: the storage sees no token
    expect(registry.of('storage').map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });

  it('has its token server asked for the service and each scope, its query kept', async () => {
    const { source } = connect();
    const params = {
      realm: `${registry.tokenServer}/token?account=x%20y`,
      service: 'a&b',
      scope: 'repository:a:pull,push repository:b:pull',
    };
    await source({ refused: undefined, challenge: { scheme: 'bearer', params } });
    const { searchParams } = new URL(registry.of('token')[0]?.url as string, registry.tokenServer);
    expect([...searchParams]).toEqual([
      ['account', 'x y'],
      ['service', 'a&b'],
      ['scope', 'repository:a:pull,push'],
      ['scope', 'repository:b:pull'],
    ]);
  });

  it('that answers with access_token is understood as well', async () => {
    await registry.stop();
    registry = await startRegistry({ member: 'access_token' });
    expect((await connect().authFetch(manifest)).status).toBe(200);
  });

  it('that a hundred requests ask at once costs one token request', async () => {
    const { authFetch, asked } = connect();
    const all = await Promise.all(Array.from({ length: 100 }, () => authFetch(manifest)));
    expect(all.every(({ status }) => status === 200)).toBe(true);
    expect(registry.of('token')).toHaveLength(1);
    expect(asked()).toHaveLength(1);
    expect(registry.of('registry')).toHaveLength(200);
  });

  it('gets another token for another repository, and for pushing', async () => {
    const { authFetch } = connect(alice);
    const upload = `/v2/${REPOSITORY}/blobs/uploads/`;
    expect((await authFetch(manifest)).status).toBe(200);
    expect((await authFetch('/v2/library/other/manifests/1')).status).toBe(200);
    expect((await authFetch(upload, { method: 'POST' })).status).toBe(202);
    const body = new Blob(['a stream, which can be sent only once']).stream();
    const next = await authFetch(`${upload}1`, { method: 'PATCH', body, duplex: 'half' } as RequestInit);
    expect(next.status).toBe(202);
    expect((await authFetch(manifest)).status).toBe(200);
    expect(registry.of('registry').map(({ status }) => status)).toEqual([
      401, 200, 401, 200, 401, 202, 202, 200,
    ]);
    expect(registry.of('token')).toHaveLength(3);
  });

  it('shows a password to the token servers that are listed, and to no other', async () => {
    const other = await startRegistry();
    try {
      const { authFetch } = connect(alice);
      await authFetch(manifest);
      registry.setRealm(`${other.tokenServer}/token`);
      expect((await authFetch('/v2/evil/x/manifests/1')).status).toBe(401);
      expect(registry.of('token').map(({ authorization }) => authorization)).toEqual(['Basic YWxpY2U6cHc=']);
      expect(other.of('token').map(({ authorization }) => authorization)).toEqual([undefined]);
    } finally {
      await other.stop();
    }
  });

  it.each([
    'http://auth.example/token',
    'http://127.0.0.1:1@auth.example/token',
    'http://localhost.evil.example/token',
    'file:///etc/passwd',
    'data:,x',
    'registry',
    '',
  ])('whose realm is %j is not asked, and its refusal delivered', async (realm) => {
    registry.setRealm(realm);
    const { authFetch } = connect(alice);
    const response = await authFetch(manifest);
    expect(outcomeOf(response)).toMatchObject({ reason: 'no-credentials', sendings: 1 });
    expect(await response.json()).toHaveProperty('errors');
    expect(registry.of('token')).toEqual([]);
  });

  it('that refuses a token for the scope it was asked for is asked no further: one token, two sendings', async () => {
    const { authFetch } = connect();
    const response = await authFetch(`/v2/${REPOSITORY}/blobs/uploads/`, { method: 'POST' });
    expect(response.status).toBe(401);
    expect(outcomeOf(response)).toMatchObject({ reason: 'insufficient-scope', sendings: 2 });
    expect(await response.json()).toHaveProperty('errors');
    expect(registry.of('token')).toHaveLength(1);
    // and the next call finds out anew
    expect(outcomeOf(await authFetch(`/v2/${REPOSITORY}/blobs/uploads/`, { method: 'POST' }))?.sendings).toBe(
      2,
    );
    expect(registry.of('token')).toHaveLength(2);
  });

  it('that no longer takes a token is given another: the function is told which was refused', async () => {
    const { authFetch, asked } = connect();
    await authFetch(manifest);
    registry.revoke();
    expect((await authFetch(manifest)).status).toBe(200);
    expect(registry.of('registry').map(({ authorization }) => authorization)).toEqual([
      undefined,
      'Bearer t1',
      'Bearer t1',
      'Bearer t2',
    ]);
    expect(asked().map(([{ refused }]) => refused)).toEqual([undefined, 't1']);
  });

  it('whose wrong password the token server refuses makes the call fail, and the next one ask again', async () => {
    const { authFetch } = connect({ username: 'alice', password: 'wrong' });
    for (let i = 0; i < 2; i++)
      await expect(authFetch(manifest)).rejects.toThrow('The token server says 401');
    expect(registry.of('token')).toHaveLength(2);
  });

  it('with a ping without a scope is one more token', async () => {
    const { authFetch } = connect();
    expect((await authFetch('/v2/')).status).toBe(200);
    expect((await authFetch('/v2/')).status).toBe(200);
    expect((await authFetch(manifest)).status).toBe(200);
    expect(registry.of('registry').map(({ status }) => status)).toEqual([401, 200, 200, 401, 200]);
    expect(registry.of('token')).toHaveLength(2);
  });
});

describe('examples/registry', () => {
  it('pulls an image and checks every digest', async () => {
    const env = {
      ...process.env,
      REGISTRY: registry.origin,
      TOKEN_SERVER: registry.tokenServer,
      USERNAME: 'alice',
      PASSWORD: 'pw',
    };
    const args = [`${root}examples/registry/pull.ts`, REPOSITORY, 'latest'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    const expected = JSON.parse(MANIFEST) as { config: { digest: string }; layers: { digest: string }[] };
    expect(stdout.trim().split('\n')).toEqual(
      [expected.config, ...expected.layers].map(
        ({ digest }) => `${digest} ${BLOBS.get(digest)?.length} bytes`,
      ),
    );
    expect(registry.of('registry').map(({ status }) => status)).toEqual([401, 200, 307, 307]);
    expect(registry.of('token').map(({ authorization }) => authorization)).toEqual(['Basic YWxpY2U6cHc=']);
  });
});
