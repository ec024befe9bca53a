import { createAuthFetch, createSession, isAuthError } from 'latchkey/fetch';
import { authorizationCode, clientCredentialsGrant, oauthProvider, refreshTokenGrant } from 'latchkey/oauth';
import { group } from '../group.ts';
import { counted, sendings, times } from '../session.ts';

export const oauth = group(
  'OAuth',
  {
    'a refresh token is posted as a form': async (t) => {
      const realm = await t.server.realm();
      const session = createSession({
        refresh: refreshTokenGrant({ tokenEndpoint: `${realm.url}/token`, clientId: 'an app' }),
      });
      const { refresh_token, ...tokens } = await realm.issue();
      await session.signIn({ ...tokens, refresh_token });
      await realm.expire();
      const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session });
      const responses = await times(4, () => authFetch(`${realm.url}/api/x`));
      t.expect.equal(
        responses.map(({ status }) => status),
        Array(4).fill(200),
        'the calls',
      );
      const [posted] = await sendings(realm, '/token');
      t.expect.match(posted?.headers['content-type'], /^application\/x-www-form-urlencoded/, 'Content-Type');
      const params = Object.fromEntries(posted?.text.split('&').map((pair) => pair.split('=')) ?? []);
      t.expect.equal(
        params,
        { grant_type: 'refresh_token', refresh_token, client_id: 'an+app' },
        'the parameters',
      );
      t.expect.equal(await counted(realm, 'tokens', 'reuse'), { tokens: 1, reuse: 0 }, 'at the server');
    },

    'client credentials are obtained at the first call, once, with the secret in the header': async (t) => {
      const realm = await t.server.realm();
      const session = createSession({
        acquire: clientCredentialsGrant({
          tokenEndpoint: `${realm.url}/token`,
          clientId: 'a:b',
          clientSecret: 'ü+s',
        }),
      });
      const authFetch = createAuthFetch({ baseUrl: realm.url, auth: session });
      const responses = await times(6, () => authFetch(`${realm.url}/api/x`));
      t.expect.equal(
        responses.map(({ status }) => status),
        Array(6).fill(200),
        'the calls',
      );
      const [posted] = await sendings(realm, '/token');
      // a%3Ab:%C3%BC%2Bs (RFC 6749, section 2.3.1)
      t.expect.equal(posted?.headers['authorization'], 'Basic YSUzQWI6JUMzJUJDJTJCcw==', 'Authorization');
      t.expect.equal(await counted(realm, 'tokens', 'refused'), { tokens: 1, refused: 0 }, 'at the server');
    },

    'a misconfigured client is told, and nobody is signed out': async (t) => {
      const body = { error: 'invalid_client' };
      const realm = await t.server.realm({ script: [{ status: 401, body }] });
      const session = createSession({
        refresh: refreshTokenGrant({ tokenEndpoint: `${realm.url}/token`, clientId: 'app' }),
      });
      await session.signIn(await realm.issue());
      const error = await t.expect.rejects(session.refresh(), 'the refresh');
      t.expect.ok(isAuthError(error) && error.code === 'refresh-misconfigured', String(error));
      t.expect.equal(session.getSnapshot().status, 'signed-in', 'the session');
    },

    'a success that holds no token is an error of its own': async (t) => {
      const realm = await t.server.realm({ script: [{ status: 200, body: { hello: 'world' } }] });
      const session = createSession({
        refresh: refreshTokenGrant({ tokenEndpoint: `${realm.url}/token`, clientId: 'app' }),
      });
      await session.signIn(await realm.issue());
      const error = await t.expect.rejects(session.refresh(), 'the refresh');
      t.expect.ok(isAuthError(error) && error.code === 'token-response', String(error));
      t.expect.equal(session.getSnapshot().status, 'signed-in', 'the session');
    },

    'a sign-in with a code begins with PKCE from the platform’s random numbers': {
      needs: ['random'],
      async run(t) {
        const idp = oauthProvider({
          tokenEndpoint: 'https://id.example/token',
          authorizationEndpoint: 'https://id.example/authorize?own=1',
          clientId: 'app',
        });
        const login = authorizationCode(createSession(), idp, {
          redirectUri: 'https://app.example/callback',
        });
        const begun = [await login.begin(), await login.begin()];
        for (const { url } of begun) {
          t.expect.match(url, /^https:\/\/id\.example\/authorize\?own=1&/, 'the URL');
          t.expect.match(url, /[?&]code_challenge_method=S256(&|$)/, 'the method');
          t.expect.match(url, /[?&]code_challenge=[\w-]{43}(&|$)/, 'the challenge');
          t.expect.match(
            url,
            /[?&]redirect_uri=https%3A%2F%2Fapp\.example%2Fcallback(&|$)/,
            'the redirect URI',
          );
        }
        t.expect.ok(begun[0]?.url !== begun[1]?.url, 'two of them');
      },
    },
  },
  ['text-decoder'],
);
