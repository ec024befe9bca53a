// CommonJS under TypeScript's strictest Node mode: the types of ky and oauth4webapi are ESM.
import { type AuthClient, bearer, createAuthClient, UnauthorizedError } from 'latchkey';
import { digest } from 'latchkey/digest';
import { type DpopKey, dpopKey } from 'latchkey/dpop';
import { createAuthFetch } from 'latchkey/fetch';
import { oauthProvider, refreshTokenGrant } from 'latchkey/oauth';

export const api: AuthClient = createAuthClient({ baseUrl: 'https://api.example.com/', auth: bearer('t') });
export const me: Promise<{ id: string }> = api.get('me').json<{ id: string }>();
export const light = createAuthFetch({ origins: 'https://api.example.com', auth: bearer('t') });
export const key: DpopKey = dpopKey({ indexedDb: 'key' });
export const camera = createAuthFetch({
  origins: 'https://camera.example.com',
  auth: digest({ username: 'a', password: 'b' }),
});
const idp = oauthProvider({ issuer: 'https://id.example.com', clientId: 'a', dpop: key });
export const renew = refreshTokenGrant(idp);
export const isOurs = (error: unknown): number | undefined =>
  error instanceof UnauthorizedError ? error.response.status : undefined;
// @ts-expect-error an option that is none
createAuthClient({ baseUrl: 'https://api.example.com/', auth: bearer('t'), timeuot: 1 });
