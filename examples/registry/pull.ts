// npm run build, then:
// REGISTRY=https://registry-1.docker.io/ node examples/registry/pull.ts library/alpine latest
// With a password: TOKEN_SERVER=https://auth.docker.io USERNAME=… PASSWORD=…
import { createHash } from 'node:crypto';
import { basic, bearer, createAuthFetch } from 'latchkey/fetch';
import { tokenFrom } from './token.ts';

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

const { REGISTRY = '', TOKEN_SERVER = '', USERNAME: username = '', PASSWORD: password = '' } = process.env;
const [name = 'library/alpine', reference = 'latest'] = process.argv.slice(2);

// to other origins it is plain fetch
const ask = TOKEN_SERVER
  ? createAuthFetch({ origins: TOKEN_SERVER, auth: basic({ username, password }) })
  : fetch;
const registry = createAuthFetch({ baseUrl: REGISTRY, auth: bearer(tokenFrom(ask)) });

async function get(path: string, accept: string): Promise<Response> {
  const response = await registry(`/v2/${name}/${path}`, { headers: { accept } });
  if (!response.ok) throw new Error(`${path}: the registry says ${response.status}`);
  return response;
}

const types = ['vnd.oci.image.manifest.v1+json', 'vnd.docker.distribution.manifest.v2+json'];
const answer = await get(`manifests/${reference}`, types.map((type) => `application/${type}`).join(', '));
const { config, layers } = (await answer.json()) as Manifest;
for (const { digest } of [config, ...layers]) {
  const bytes = new Uint8Array(await (await get(`blobs/${digest}`, '*/*')).arrayBuffer());
  const isWhole = digest === `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  console.log('%s %d bytes%s', digest, bytes.length, isWhole ? '' : ', DAMAGED');
  if (!isWhole) process.exitCode = 1;
}
