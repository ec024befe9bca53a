import { withTokenRefresh } from 'fetch-extras';
import { createAuthFetch, createSession } from 'latchkey/fetch';

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
export type Refresh = () => Promise<{ access_token: string; refresh_token: string; expires_in?: number }>;

export const ORIGIN = 'https://api.example.com';

/** Twenty careful lines as people write them: single flight, one replay, late refusals told apart. */
export function handWritten(fetch: Fetch, first: string, refresh: Refresh): Fetch {
  let token = first;
  let flight: Promise<string> | undefined;
  const send = (input: string | URL | Request, init: RequestInit | undefined, used: string) =>
    fetch(input, { ...init, headers: { ...(init?.headers as object), Authorization: `Bearer ${used}` } });
  const renew = () => {
    flight ??= refresh()
      .then((json) => {
        token = json.access_token;
        return token;
      })
      .finally(() => {
        flight = undefined;
      });
    return flight;
  };
  return async (input, init) => {
    const used = token;
    const response = await send(input, init, used);
    if (response.status !== 401) return response;
    await response.body?.cancel();
    return send(input, init, used === token ? await renew() : token);
  };
}

/** The best-made peer that does the same job on plain fetch. */
export function fetchExtras(fetch: Fetch, first: string, refresh: Refresh): Fetch {
  let token = first;
  const refreshToken = async () => {
    token = (await refresh()).access_token;
    return token;
  };
  const wrapped = withTokenRefresh({ refreshToken })(fetch as typeof globalThis.fetch);
  return (input, init) =>
    wrapped(input, { ...init, headers: { ...(init?.headers as object), Authorization: `Bearer ${token}` } });
}

export async function latchkey(
  fetch: Fetch,
  first: string,
  refresh: Refresh,
  expiresIn?: number,
): Promise<Fetch> {
  const session = createSession({ refresh });
  await session.signIn({ accessToken: first, refreshToken: 'rt-0', expiresIn });
  return createAuthFetch({
    baseUrl: ORIGIN,
    auth: session,
    fetch: fetch as typeof globalThis.fetch,
  }) as Fetch;
}
