import { type AuthFetchOptions, createAuthFetch, createSession, type TokenInput } from '../../src/fetch.js';
import { type DpopKey, dpop, dpopKey } from '../../src/schemes/dpop/index.js';
import { type Proof, proofChecker } from './dpop-proof.js';
import { API, resource, type Sent } from './spec-resource.js';

/** One sending, and the proof in it; undefined where it has none. */
export interface Proved extends Sent {
  readonly proof: Proof | undefined;
  readonly nonce: unknown;
  readonly token: string | undefined;
}

type Answer = (sent: Proved, n: number) => Response | Promise<Response>;

/** A corridor with a DPoP session, `at-1` and then `at-2`, `at-3`, …, over a server that checks every proof. */
export async function dpopApi(
  answer: Answer,
  options: Partial<AuthFetchOptions> & { key?: DpopKey; signIn?: TokenInput | null } = {},
) {
  const {
    key = dpopKey(),
    signIn = { access_token: 'at-1', refresh_token: 'rt', token_type: 'DPoP' },
    ...own
  } = options;
  const check = proofChecker();
  const seen: Proved[] = [];
  const below = resource(async (given) => {
    // as fetch would write the method
    const sent = { ...given, method: new Request(given.url, { method: given.method }).method };
    const [scheme, token] = (sent.headers.get('authorization') ?? '').split(' ');
    const proof = scheme === 'DPoP' ? await check(sent, token) : undefined;
    const one = { ...sent, proof, token, nonce: proof?.claims['nonce'] };
    seen.push(one);
    return answer(one, seen.length);
  });
  let refreshes = 0;
  const session = createSession({
    refresh: async () => ({ access_token: `at-${++refreshes + 1}`, refresh_token: 'rt', token_type: 'DPoP' }),
  });
  if (signIn) await session.signIn(signIn);
  const authFetch = createAuthFetch({ baseUrl: API, auth: dpop(session, key), fetch: below.fetch, ...own });
  return {
    authFetch,
    session,
    key,
    seen,
    get refreshes() {
      return refreshes;
    },
    /** Token and nonce of every sending. */
    get sent() {
      return seen.map(({ token, nonce }) => [token, nonce]);
    },
  };
}

/** A 401 for DPoP; `nonce` in DPoP-Nonce. */
export function refusal(error: string | undefined, nonce?: string, more = ''): Response {
  const params = [error && `error="${error}"`, more].filter(Boolean).join(', ');
  const headers: Record<string, string> = { 'www-authenticate': `DPoP ${params}`.trim() };
  if (nonce !== undefined) headers['dpop-nonce'] = nonce;
  return new Response('no', { status: 401, headers });
}
