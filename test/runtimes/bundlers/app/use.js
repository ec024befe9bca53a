// Uses every door that is for the Web platform, over a fetch that is handed in: what it returns is the same wherever it runs.
import {
  createAuthClient,
  createAuthFetch,
  createSession,
  explain,
  isSignInRequired,
  isUnauthorizedError,
  outcomeOf,
  refreshEndpoint,
  UnauthorizedError,
} from 'latchkey';
import { parseChallenges } from 'latchkey/challenge';
import { digest } from 'latchkey/digest';
import { dpop, dpopKey } from 'latchkey/dpop';
import { createAuthFetch as lightAuthFetch } from 'latchkey/fetch';
import { clientCredentialsGrant, oauthProvider, refreshTokenGrant } from 'latchkey/oauth';
import { asyncStorageStore } from 'latchkey/stores/async-storage';

const baseUrl = 'https://api.example.com/';

/** Three calls with a token that the API refuses: one token request, and all three answered. */
async function storm(network) {
  const texts = new Map();
  const storage = {
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, text) => texts.set(key, text),
    removeItem: (key) => texts.delete(key),
  };
  const idp = oauthProvider({ tokenEndpoint: 'https://id.example.com/token', clientId: 'app' });
  const session = createSession({
    refresh: refreshTokenGrant(idp),
    store: asyncStorageStore(storage, 'session'),
    fetch: network.fetch,
  });
  await session.signIn({ accessToken: 'old', refreshToken: 'r1', expiresIn: 300 });
  const api = createAuthClient({ baseUrl, auth: session, fetch: network.fetch });
  const answers = await Promise.all(['a', 'b', 'c'].map((path) => api.get(path).json()));
  const stored = JSON.parse(texts.get('session')).tokens.accessToken;
  await session.close();
  return { answers: answers.map(({ path, token }) => `${path} ${token}`), stored };
}

async function refused(network) {
  const session = createSession({
    refresh: refreshEndpoint('https://id.example.com/gone'),
    fetch: network.fetch,
  });
  await session.signIn({ accessToken: 'old', refreshToken: 'r', expiresIn: 300 });
  const api = createAuthClient({ baseUrl, auth: session, fetch: network.fetch });
  const error = await api.get('a').then(
    () => undefined,
    (thrown) => thrown,
  );
  return {
    isOurs: error instanceof UnauthorizedError && isUnauthorizedError(error),
    reason: error.reason,
    signIn: isSignInRequired(error),
    words: explain(error).split('\n', 1)[0],
  };
}

async function schemes(network) {
  const camera = lightAuthFetch({
    baseUrl: 'https://camera.example.com/',
    auth: digest({ username: 'Mufasa', password: 'Circle of Life' }, { cnonce: () => 'c' }),
    fetch: network.fetch,
  });
  const key = dpopKey();
  const service = createSession({
    acquire: clientCredentialsGrant({
      tokenEndpoint: 'https://id.example.com/token',
      clientId: 'service',
      clientSecret: 's',
      dpop: key,
      fetch: network.fetch,
    }),
    fetch: network.fetch,
  });
  const proved = createAuthFetch({ baseUrl, auth: dpop(service, key), fetch: network.fetch });
  const anonymous = createAuthFetch({ baseUrl, auth: createSession(), fetch: network.fetch });
  return {
    digest: (await camera('/picture')).status,
    dpop: await (await proved('/proved')).json(),
    anonymous: outcomeOf(await anonymous('/a'))?.reason,
  };
}

export async function use(network) {
  return {
    challenges: parseChallenges('Basic realm="a", Bearer scope="b c"').map(({ scheme }) => scheme),
    storm: await storm(network),
    refused: await refused(network),
    schemes: await schemes(network),
    requests: network.requests(),
  };
}
