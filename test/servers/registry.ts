import { execFileSync } from 'node:child_process';
import { createSign, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Place, Program, Setup } from '../support/server-process.js';

export const REGISTRY: Program = { name: 'docker-registry', packages: ['docker-registry', 'openssl'] };
export const SERVICE = 'registry.test';
const ISSUER = 'token-issuer';

/** A key and its certificate, as PEM. */
export function keyPair(): { key: string; certificate: string } {
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${ISSUER}`];
  const out = ['-keyout', '-', '-out', '-'];
  const text = execFileSync('openssl', [...args, ...out], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const block = (what: string) =>
    new RegExp(`-----BEGIN ${what}-----[^-]+-----END ${what}-----\n`).exec(text)?.[0] ?? '';
  return { key: block('PRIVATE KEY'), certificate: block('CERTIFICATE') };
}

/** Token authentication, with this token server. */
export const tokenRegistry = (realm: string, certificate: string): Setup => ({
  files: (place) => ({ 'config.yml': configuration(place, realm), 'cert.pem': certificate }),
  args: ({ folder }) => ['serve', `${folder}/config.yml`],
});

const configuration = ({ folder, port }: Place, realm: string) => `
version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${folder}/data } }
http: { addr: "127.0.0.1:${port}", relativeurls: true }
auth:
  token:
    realm: ${realm}
    service: ${SERVICE}
    issuer: ${ISSUER}
    rootcertbundle: ${folder}/cert.pem
`;

/** A token server: anybody may pull, alice may push, and nobody is told what was not granted. */
export async function startTokenServer({ key, certificate }: ReturnType<typeof keyPair>) {
  const asked: { scopes: string[]; service: string | null; authorization: string | undefined }[] = [];
  const lives = { seconds: 60 };
  const server = createServer(({ url = '', headers: { authorization } }, response) => {
    const { searchParams } = new URL(url, 'http://localhost');
    const scopes = searchParams.getAll('scope');
    const service = searchParams.get('service');
    asked.push({ scopes, service, authorization });
    const user = authorization === `Basic ${btoa('alice:pw')}` ? 'alice' : '';
    if (authorization !== undefined && user === '') return void response.writeHead(401).end();
    const access = scopes.map((scope) => {
      const [, type, name, actions = ''] = /^([^:]*):(.*):([^:]*)$/.exec(scope) ?? [];
      return {
        type,
        name,
        actions: user ? actions.split(',') : actions.split(',').filter((a) => a === 'pull'),
      };
    });
    const now = Math.floor(Date.now() / 1_000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const x5c = [certificate.replace(/-----[^-]+-----|\s/g, '')];
    const claims = {
      iss: ISSUER,
      sub: user,
      aud: service,
      iat: now,
      nbf: now - 5,
      jti: randomUUID(),
      access,
    };
    const body = `${part({ typ: 'JWT', alg: 'RS256', x5c })}.${part({ ...claims, exp: now + lives.seconds })}`;
    const token = `${body}.${createSign('RSA-SHA256').update(body).sign(key, 'base64url')}`;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { origin, realm: `${origin}/token`, asked, lives, stop };
}
