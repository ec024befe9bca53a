import type { Exchange } from './exchange.ts';

/** What every origin may see unless a realm hides its challenges (Fetch, section 3.3.3). */
const EXPOSED = ['WWW-Authenticate', 'DPoP-Nonce', 'Authentication-Info', 'Date', 'Location', 'Retry-After'];

/** Opens the server to pages of every origin, with cookies; true where that was a preflight, and is answered. */
export function crossOrigin({ method, headers, response }: Exchange): boolean {
  const origin = headers.get('origin');
  if (origin === null) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-expose-headers', EXPOSED.join(', '));
  response.setHeader('vary', 'origin');
  if (method !== 'OPTIONS' || !headers.has('access-control-request-method')) return false;
  response.setHeader('access-control-allow-methods', headers.get('access-control-request-method') ?? '');
  response.setHeader('access-control-allow-headers', headers.get('access-control-request-headers') ?? '');
  response.setHeader('access-control-allow-private-network', 'true');
  response.setHeader('access-control-max-age', '600');
  response.writeHead(204).end();
  return true;
}

/** Takes names back out of what pages may see. */
export function hide({ response }: Exchange, ...names: string[]): void {
  const shown = EXPOSED.filter((name) => !names.includes(name));
  if (response.hasHeader('access-control-allow-origin')) {
    response.setHeader('access-control-expose-headers', shown.join(', '));
  }
}
