import type { Scheme } from '../../src/schemes/scheme.js';
import type { FetchLike } from '../../src/types.js';

/** A fetch that keeps what it was asked, and answers by hand. */
export interface Stub {
  readonly fetch: FetchLike;
  readonly calls: Request[];
  /** The Authorization of each call, in order. */
  readonly sent: () => (string | null)[];
}

/** Answers with `answer`; without one: 200 for `fresh`, 401 for any other token. */
export function stub(answer: (request: Request) => Response | Promise<Response> = onlyFresh): Stub {
  const calls: Request[] = [];
  return {
    calls,
    sent: () => calls.map((call) => call.headers.get('authorization')),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      calls.push(request.clone());
      return answer(request);
    },
  };
}

/** A 401 with a Bearer challenge (RFC 6750, section 3). */
export function refusal(challenge = 'Bearer error="invalid_token"', body: unknown = { why: 'no' }): Response {
  return Response.json(body, { status: 401, headers: { 'WWW-Authenticate': challenge } });
}

export function onlyFresh(request: Request): Response {
  return request.headers.get('authorization') === 'Bearer fresh' ? Response.json({ id: 'u1' }) : refusal();
}

/** Holds `stale`, then what it is told; counts its replacements. */
export function tokens(...next: string[]): Scheme & { readonly replacements: () => number } {
  let held = { headers: { Authorization: 'Bearer stale' }, version: 0 };
  let count = 0;
  return {
    name: 'bearer',
    credentials: () => held,
    remedy: (challenge, refused) =>
      challenge?.params['error'] === 'insufficient_scope' ? undefined : refused ? 'replace' : 'answer',
    async replace(refused) {
      if (refused.version !== held.version) return { credentials: held, minted: false };
      const token = next.shift();
      if (token === undefined) return { undelivered: 'session-ended' };
      count += 1;
      held = { headers: { Authorization: `Bearer ${token}` }, version: count };
      return { credentials: held, minted: true };
    },
    replacements: () => count,
  };
}
