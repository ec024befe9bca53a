import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as a server of the imitation saw it. */
export interface RegistrySeen {
  readonly server: 'registry' | 'token' | 'storage';
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly status: number;
}

type Answer = { status: number; headers?: Record<string, string>; body?: string | Buffer };

export const REPOSITORY = 'library/alpine';
const LAYER = Buffer.from('a layer');
const CONFIG = Buffer.from('{"os":"linux"}');
export const digestOf = (bytes: Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
export const BLOBS: ReadonlyMap<string, Buffer> = new Map(
  [LAYER, CONFIG].map((bytes) => [digestOf(bytes), bytes]),
);
export const MANIFEST: string = JSON.stringify({
  schemaVersion: 2,
  config: { digest: digestOf(CONFIG) },
  layers: [{ digest: digestOf(LAYER) }],
});

async function listen(
  handle: (request: IncomingMessage) => Answer,
  note: (seen: RegistrySeen) => void,
  server: RegistrySeen['server'],
) {
  const http = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    request.once('end', () => {
      const { status, headers = {}, body = '' } = handle(request);
      const { method = '', url = '', headers: given } = request;
      note({ server, method, url, authorization: given.authorization, status });
      response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { http, origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

/**
 * Behaves as docker-registry 2.8.2 with token authentication was seen to: its challenges, the token server that grants
 * less without saying so, the 401 that then asks for the same scope again with its actions in any order. Blobs are
 * redirected to a storage, as those of many registries are.
 */
export async function startRegistry(options: { member?: 'token' | 'access_token' } = {}) {
  const seen: RegistrySeen[] = [];
  const note = (one: RegistrySeen) => seen.push(one);
  const granted = new Map<string, ReadonlySet<string>>();
  let realm = '';
  let issued = 0;
  let challenged = 0;

  const tokens = await listen(
    ({ url = '', headers: { authorization } }) => {
      const asked = new URL(url, realm).searchParams;
      const isAlice = authorization === `Basic ${btoa('alice:pw')}`;
      if (authorization !== undefined && !isAlice) return { status: 401 };
      const token = `t${++issued}`;
      const actions = asked.getAll('scope').flatMap((scope) => {
        const at = scope.lastIndexOf(':');
        return scope
          .slice(at + 1)
          .split(',')
          .map((action) => `${scope.slice(0, at)}:${action}`);
      });
      granted.set(token, new Set(isAlice ? actions : actions.filter((action) => action.endsWith(':pull'))));
      return { status: 200, body: JSON.stringify({ [options.member ?? 'token']: token, expires_in: 60 }) };
    },
    note,
    'token',
  );
  realm = `${tokens.origin}/token?account=x%20y`;

  const storage = await listen(
    ({ url = '' }) => ({ status: 200, body: BLOBS.get(url.slice(1)) ?? '' }),
    note,
    'storage',
  );

  const registry = await listen(
    ({ method = '', url = '', headers: { authorization } }) => {
      const isRead = method === 'GET' || method === 'HEAD';
      const repository = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(url)?.[1];
      const scope =
        repository &&
        `repository:${repository}:${isRead ? 'pull' : ++challenged % 2 ? 'pull,push' : 'push,pull'}`;
      const needs = !repository
        ? []
        : [isRead ? 'pull' : 'push'].map((one) => `repository:${repository}:${one}`);
      const token = granted.get(authorization?.replace(/^Bearer /, '') ?? '');
      if (token === undefined || !needs.every((need) => token.has(need))) {
        const error = authorization && (token === undefined ? 'invalid_token' : 'insufficient_scope');
        const parts = [`realm="${realm}"`, 'service="registry.test"'];
        if (scope) parts.push(`scope="${scope}"`);
        if (error) parts.push(`error="${error}"`);
        const body = JSON.stringify({ errors: [{ code: 'UNAUTHORIZED' }] });
        return { status: 401, headers: { 'www-authenticate': `Bearer ${parts.join(',')}` }, body };
      }
      if (url.includes('/manifests/')) return { status: 200, body: MANIFEST };
      if (!isRead) return { status: 202, headers: { location: `/v2/${repository}/blobs/uploads/1` } };
      if (!repository) return { status: 200, body: '{}' };
      return {
        status: 307,
        headers: { location: `${storage.origin}/${url.slice(url.lastIndexOf('/') + 1)}` },
      };
    },
    note,
    'registry',
  );

  return {
    origin: registry.origin,
    tokenServer: tokens.origin,
    seen,
    of: (server: RegistrySeen['server']): RegistrySeen[] => seen.filter((one) => one.server === server),
    /** The tokens are no longer taken. */
    revoke: (): void => granted.clear(),
    setRealm: (next: string): void => {
      realm = next;
    },
    async stop(): Promise<void> {
      for (const { http } of [registry, tokens, storage]) {
        http.closeAllConnections();
        await new Promise((resolve) => http.close(resolve));
      }
    },
  };
}
