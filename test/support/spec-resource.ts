import { type AuthFetchOptions, createAuthFetch, createSession, type Session } from '../../src/fetch.js';

export const API = 'https://api.example.com';

/** One sending as a server would see it. */
export interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  /** The members of init as they were given to the fetch below. */
  readonly init: RequestInit;
}

/** A fetch below the corridor that answers from a function, and keeps what it was sent. */
export function resource(answer: (sent: Sent, n: number) => Response | Promise<Response>) {
  const sent: Sent[] = [];
  const fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const request = new Request(input, init);
    const { url, headers } = request;
    // the constructor writes some methods in upper case: what was given counts
    const method = init.method ?? request.method;
    const one = { url, method, headers, body: await request.text(), init };
    sent.push(one);
    return answer(one, sent.length);
  };
  return {
    fetch,
    sent,
    /** The Authorization of every sending. */
    get authorizations(): (string | null)[] {
      return sent.map(({ headers }) => headers.get('authorization'));
    },
  };
}

/** A session that mints `at-2`, `at-3`, … for the `at-1` it begins with, and counts. */
export function rotating(signIn = true): {
  session: Session;
  readonly refreshes: number;
  ready: Promise<unknown>;
} {
  let n = 1;
  const session = createSession({
    refresh: async () => ({ access_token: `at-${++n}`, refresh_token: `rt-${n}` }),
  });
  const ready = signIn ? session.signIn({ access_token: 'at-1', refresh_token: 'rt-1' }) : session.ready();
  return {
    session,
    ready,
    get refreshes() {
      return n - 1;
    },
  };
}

/** A corridor over such a session. */
export async function signedIn(
  answer: Parameters<typeof resource>[0],
  options: Partial<AuthFetchOptions> = {},
) {
  const below = resource(answer);
  const tokens = rotating();
  await tokens.ready;
  const authFetch = createAuthFetch({ baseUrl: API, auth: tokens.session, fetch: below.fetch, ...options });
  return { below, tokens, authFetch };
}

export function refused(fields: Record<string, string> = {}, body = 'why', status = 401): Response {
  return new Response(body, { status, headers: fields });
}

export const challenged = (field: string): Response => refused({ 'www-authenticate': field });
