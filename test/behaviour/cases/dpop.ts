import { dpop, dpopKey } from 'latchkey/dpop';
import { createAuthFetch, createSession } from 'latchkey/fetch';
import { clientCredentialsGrant, oauthProvider, refreshTokenGrant } from 'latchkey/oauth';
import type { Tools } from '../case.ts';
import { group } from '../group.ts';
import type { RealmOptions } from '../server.ts';
import { counted, times } from '../session.ts';

/** Tokens that are bound to a key of this context. */
async function bound(t: Tools, options: RealmOptions = {}) {
  const realm = await t.server.realm({ dpop: true, ...options });
  const key = dpopKey();
  const idp = oauthProvider({
    tokenEndpoint: `${realm.url}/token`,
    clientId: 'app',
    clientSecret: 'secret',
    dpop: key,
  });
  const session = createSession({ acquire: clientCredentialsGrant(idp) });
  return {
    realm,
    key,
    idp,
    session,
    authFetch: createAuthFetch({ baseUrl: realm.url, auth: dpop(session, key) }),
  };
}

export const dpopScheme = group('DPoP', {
  'binds a token to a key, and proves it with every request': {
    needs: ['web-crypto'],
    async run(t) {
      const { realm, authFetch } = await bound(t);
      const responses = await times(8, (n) => authFetch(`${realm.url}/dpop/${n}?a=b`));
      t.expect.equal(
        responses.map(({ status }) => status),
        Array(8).fill(200),
        'the calls',
      );
      t.expect.equal(await counted(realm, 'tokens', 'refused'), { tokens: 1, refused: 0 }, 'at the server');
    },
  },

  'learns nonces of the token endpoint and of the API, and neither costs a refresh': {
    needs: ['web-crypto'],
    async run(t) {
      const { realm, authFetch } = await bound(t, { nonce: 'n-1' });
      t.expect.equal((await authFetch(`${realm.url}/dpop/x`)).status, 200, 'the first call');
      await realm.set({ nonce: 'n-2' });
      t.expect.equal((await authFetch(`${realm.url}/dpop/x`)).status, 200, 'the next nonce');
      // one for the nonce, one with it
      t.expect.equal(await counted(realm, 'tokens'), { tokens: 2 }, 'at the token endpoint');
    },
  },

  'refreshes with the same key, once for all who were refused': {
    needs: ['web-crypto'],
    async run(t) {
      const realm = await t.server.realm({ dpop: true });
      const key = dpopKey();
      const idp = oauthProvider({ tokenEndpoint: `${realm.url}/token`, clientId: 'app', dpop: key });
      const session = createSession({ refresh: refreshTokenGrant(idp) });
      const { token_type: _, ...tokens } = await realm.issue();
      await session.signIn({ ...tokens, token_type: 'DPoP' });
      const authFetch = createAuthFetch({ baseUrl: realm.url, auth: dpop(session, key) });
      for (let round = 1; round <= 2; round++) {
        const responses = await times(5, (n) =>
          authFetch(`${realm.url}/dpop/${n}`, { method: 'POST', body: 'b' }),
        );
        t.expect.equal(
          responses.map(({ status }) => status),
          Array(5).fill(200),
          'the calls',
        );
        t.expect.equal(await counted(realm, 'tokens', 'reuse'), { tokens: round, reuse: 0 }, 'at the server');
        await realm.expire();
      }
    },
  },

  'without Web Crypto fails with an error that says so, and nothing is sent': {
    needs: ['no-web-crypto', 'text-decoder'],
    async run(t) {
      const { realm, session, key } = await bound(t);
      await session.signIn({ accessToken: 'a', tokenType: 'DPoP' });
      const authFetch = createAuthFetch({ baseUrl: realm.url, auth: dpop(session, key) });
      const error = await t.expect.rejects(authFetch(`${realm.url}/dpop/x`), 'the call');
      t.expect.equal(error.name, 'TypeError', 'the error');
      t.expect.match(error.message, /Web Crypto|crypto/i, 'the message');
      t.expect.equal(await counted(realm, 'requests'), { requests: 0 }, 'at the server');
    },
  },
});
