import type { IncomingMessage, ServerResponse } from 'node:http';
import { proofChecker } from '../dpop-proof.ts';
import { listen } from './loopback.ts';
import type { ReferenceProvider } from './provider.ts';

/** An API on loopback that takes the provider's tokens with a proof of their key and its own nonce (RFC 9449, section 7). */
export async function startDpopResource({ provider }: ReferenceProvider): Promise<{
  readonly url: string;
  /** Statuses, and the error of those that refuse. */
  readonly log: string[];
  /** What proofs must hold from now on; the next response tells. */
  nonce: string;
  stop(): Promise<void>;
}> {
  const { server, origin, stop } = await listen();
  const check = proofChecker();
  const api = { url: `${origin}/`, log: [] as string[], nonce: 'first', stop };

  async function errorOf(request: IncomingMessage): Promise<string | undefined> {
    const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ');
    if (scheme !== 'DPoP') return '';
    const { method = '', url, headers } = request;
    const received = {
      method,
      url: `${origin}${url}`,
      headers: new Headers({ dpop: String(headers['dpop']) }),
    };
    const proof = await check(received, token).catch(() => undefined);
    if (proof === undefined) return 'invalid_dpop_proof';
    if (proof.claims['nonce'] !== api.nonce) return 'use_dpop_nonce';
    const found = (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token));
    const isLive = found !== undefined && found.exp * 1_000 > Date.now() && found.jkt === proof.jkt;
    return isLive ? undefined : 'invalid_token';
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const error = await errorOf(request);
    api.log.push(error === undefined ? '200' : `401 ${error}`.trim());
    response.setHeader('dpop-nonce', api.nonce);
    if (error === undefined) return void response.end('ok');
    const params = `algs="ES256 Ed25519"${error && `, error="${error}"`}`;
    response.writeHead(401, { 'www-authenticate': `DPoP ${params}` }).end();
  }

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  return api;
}
