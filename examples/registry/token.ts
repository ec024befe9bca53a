import type { TokenSource } from 'latchkey/fetch';

/**
 * Asks the token server that a registry names in its challenge. The realm is whatever the registry wrote, so it is asked
 * over https or on loopback only, and `ask` decides which origins see a password.
 */
export function tokenFrom(ask: typeof fetch): TokenSource {
  return async ({ challenge }) => {
    const { realm = '', service = '', scope = '' } = challenge?.params ?? {};
    const url = URL.canParse(realm) ? new URL(realm) : undefined; // none before the first challenge
    if (!url || !/^(https:|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$))/.test(url.origin))
      return undefined;
    if (service) url.searchParams.append('service', service);
    for (const one of scope.match(/\S+/g) ?? []) url.searchParams.append('scope', one);
    const answer = await ask(url, { redirect: 'error', signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`The token server says ${answer.status}`);
    const { token, access_token: accessToken = token } = await answer.json();
    return accessToken;
  };
}
