import { createAuthClient, createSession } from 'latchkey';
import { authorizationCodeGrant, oauthProvider, refreshTokenGrant, revocation } from 'latchkey/oauth';
import type { NativeCase } from '../native.ts';

const group = 'latchkey/oauth';

interface ErrorUtils {
  getGlobalHandler(): (error: unknown) => void;
  setGlobalHandler(handler: (error: unknown) => void): void;
}

/** Where a platform lacks what it needs. */
export const withoutDecoder: readonly NativeCase[] = [
  {
    group,
    name: 'is a fatal error that names TextEncoder or TextDecoder where these are missing',
    async run(t) {
      const { ErrorUtils } = globalThis as unknown as { ErrorUtils: ErrorUtils };
      const before = ErrorUtils.getGlobalHandler();
      const fatal: unknown[] = [];
      ErrorUtils.setGlobalHandler((error) => fatal.push(error));
      try {
        // Metro loads a module where it is used first, and reports what goes wrong there
        refreshTokenGrant({ tokenEndpoint: 'https://id.example.com/token', clientId: 'app' });
      } catch {
        // there is no module
      } finally {
        ErrorUtils.setGlobalHandler(before);
      }
      t.expect.match(fatal.map(String).join(), /Text(?:De|En)coder/, 'the fatal error');
    },
  },
];

/** Where TextDecoder and crypto.getRandomValues were installed, as README says. */
export const installed: readonly NativeCase[] = [
  {
    group,
    name: 'refreshes by refreshTokenGrant, and revokes both tokens at sign-out',
    async run(t) {
      const realm = await t.server.realm();
      const idp = {
        tokenEndpoint: `${realm.url}/token`,
        revocationEndpoint: `${realm.url}/revoke`,
        clientId: 'app',
      };
      const session = createSession({ refresh: refreshTokenGrant(idp), revoke: revocation(idp) });
      await session.signIn(await realm.issue());
      await realm.expire();
      const api = createAuthClient({ baseUrl: `${realm.url}/`, auth: session });
      t.expect.equal((await api.get('api/a')).status, 200, 'a call that refreshes');
      const [seen] = (await realm.log()).filter(({ path }) => path === '/token');
      t.expect.match(seen?.text, /^(?=.*grant_type=refresh_token)(?=.*client_id=app)/, 'the token request');
      await session.signOut();
      t.expect.equal((await realm.counts()).revocations, 2, 'revocations');
    },
  },
  {
    group,
    name: 'signs in with the browser of the system, by a code and PKCE',
    async run(t) {
      const realm = await t.server.realm();
      const redirectUri = 'com.example.app:/callback';
      const idp = oauthProvider({
        authorizationEndpoint: `${realm.url}/authorize`,
        tokenEndpoint: `${realm.url}/token`,
        clientId: 'app',
        scope: 'read',
      });
      let asked = '';
      const session = createSession({
        acquire: authorizationCodeGrant(idp, {
          redirectUri,
          authorize: async ({ url }) => {
            asked = url;
            const state = /[?&]state=([^&]+)/.exec(url)?.[1];
            await realm.script({ status: 200, body: await realm.issue() });
            return `${redirectUri}?code=abc&state=${state}`;
          },
        }),
        refresh: refreshTokenGrant(idp),
      });
      t.expect.equal((await session.signIn()).status, 'signed-in', 'the session');
      t.expect.match(asked, /[?&]code_challenge=[\w-]{43}(?:&|$)/, 'where the browser was sent');
      const [seen] = (await realm.log()).filter(({ path }) => path === '/token');
      t.expect.match(seen?.text, /^(?=.*code=abc)(?=.*code_verifier=[\w-]{43})/, 'the exchange of the code');
    },
  },
];
