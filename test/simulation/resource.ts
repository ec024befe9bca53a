import type { FetchLike } from '../../src/types.js';
import { world } from './scheduler.js';
import type { World } from './world.js';

export const api = 'https://api.test';
export const callHeader = 'x-call';

const read = (init: RequestInit | undefined, name: string): string | null => {
  const { headers } = init ?? {};
  if (headers === undefined || Array.isArray(headers) || headers instanceof Headers) {
    return new Headers(headers).get(name);
  }
  for (const key in headers) if (key.toLowerCase() === name) return headers[key] ?? null;
  return null;
};

/** The resource server as one context sees it: what a stubbed `fetch` answers. */
export function createResource(of: World, context: number): FetchLike {
  const { faults, scheduler, provider, oracle, random } = of;
  return (input, init) => {
    const call = Number(read(init, callHeader));
    const authorization = read(init, 'authorization');
    const token = authorization?.replace(/^Bearer /, '');
    const path = String(input).replace(api, '');
    oracle.sent(context, call, token);
    const signal = init?.signal;
    const sentAt = scheduler.now;
    return new Promise<Response>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      signal?.addEventListener('abort', () => reject(signal.reason));
      const slow = faults.hits('resourceIsSlow') ? random.pick([500, 3_000, 9_000]) : 0;
      scheduler.at(faults.latency(), world, () => {
        const down = faults.hits('resourceIsDown') ? random.pick(['500', 'network'] as const) : undefined;
        const good =
          token !== undefined &&
          provider.isGood(token) &&
          !faults.refusesAll &&
          !faults.hits('resourceRefuses');
        const lacks = good && path === '/more' && !provider.access.get(token)?.more;
        scheduler.at(faults.latency() + slow, context, () => {
          oracle.answered(call, scheduler.now - sentAt);
          if (down === 'network') reject(new TypeError('fetch failed'));
          else if (down) resolve(new Response('down', { status: 500 }));
          else if (lacks) resolve(insufficient());
          else if (good) resolve(new Response('{"ok":true}', { status: 200 }));
          else resolve(refusal(token !== undefined, random.int(3)));
        });
      });
      if (path !== '/thing' && path !== '/more') oracle.violate(`the request went to ${String(input)}`);
    });
  };
}

function refusal(sent: boolean, kind: number): Response {
  const headers: Record<string, string> = {};
  if (kind > 0) headers['WWW-Authenticate'] = sent ? 'Bearer error="invalid_token"' : 'Bearer realm="api"';
  return new Response(kind === 1 ? null : 'refused', { status: 401, headers });
}

/** RFC 6750, section 3.1. */
function insufficient(): Response {
  const headers = { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="more"' };
  return new Response('more is needed', { status: 403, headers });
}
