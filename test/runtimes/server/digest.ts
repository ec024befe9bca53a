import { createHash } from 'node:crypto';
import type { Exchange } from './exchange.ts';

const hash = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

/** A challenge, or undefined where the credentials are those of this user (RFC 7616, section 3.4). */
export function digestRefusal(
  exchange: Exchange,
  { username, password }: { username: string; password: string },
  nonce: string,
): { challenge: string } | { info: (answer: Uint8Array) => string } {
  const field = exchange.headers.get('authorization') ?? '';
  const params: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of field.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    params[name] = quoted ?? plain ?? '';
  }
  const offered = `Digest realm="vault", qop="auth, auth-int", algorithm=SHA-256, nonce="${nonce}"`;
  if (!/^Digest /i.test(field)) return { challenge: offered };
  if (params['nonce'] !== nonce) return { challenge: `${offered}, stale=true` };
  const target = new URL(exchange.url);
  const key = hash(`${username}:vault:${password}`);
  const { qop = '', uri = '', nc = '', cnonce = '' } = params;
  const entity = qop === 'auth-int' ? `:${hash(exchange.body)}` : '';
  const proof = (method: string) =>
    hash(`${key}:${nonce}:${nc}:${cnonce}:${qop}:${hash(`${method}:${uri}${entity}`)}`);
  const right =
    params['username'] === username &&
    uri === target.pathname + target.search &&
    params['response'] === proof(exchange.method);
  if (!right) return { challenge: offered };
  // the server's own proof covers what it answers with (RFC 7616, section 3.5)
  const info = (answer: Uint8Array) => {
    const covered = qop === 'auth-int' ? `:${hash(answer)}` : '';
    const rspauth = hash(`${key}:${nonce}:${nc}:${cnonce}:${qop}:${hash(`:${uri}${covered}`)}`);
    return `rspauth="${rspauth}", qop=${qop}, nc=${nc}, cnonce="${cnonce}"`;
  };
  return { info };
}
