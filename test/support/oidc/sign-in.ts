import * as oauth from 'oauth4webapi';

const insecure = { [oauth.allowInsecureRequests]: true };

/** The token endpoint's own JSON. */
export interface SignedIn {
  access_token: string;
  token_type: string;
  refresh_token: string;
  id_token: string;
  expires_in?: number;
  scope?: string;
}

/** Signs in as a browser would: authorization code with PKCE, cookies, login and consent answered by the provider. */
export async function signIn(issuer: string, clientId: string, keys?: CryptoKeyPair): Promise<SignedIn> {
  const url = new URL(issuer);
  const server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, insecure));
  const client = { client_id: clientId, id_token_signed_response_alg: 'ES256' };
  const redirectUri = `${issuer}/callback`;
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const request = new URL(server.authorization_endpoint as string);
  request.search = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid offline_access read',
    prompt: 'consent',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString();
  const parameters = oauth.validateAuthResponse(server, client, await walk(request, redirectUri), state);
  const options = { ...insecure, ...(keys && { DPoP: oauth.DPoP({}, keys) }) };
  const exchange = () =>
    oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      parameters,
      redirectUri,
      verifier,
      options,
    );
  let response = await exchange();
  // the nonce that is asked for spends no code
  if (keys && response.status === 400) response = await exchange();
  const tokens = (await response.clone().json()) as SignedIn;
  await oauth.processAuthorizationCodeResponse(server, client, response);
  return tokens;
}

/** Follows redirects with a cookie jar until the redirect URI. */
async function walk(from: URL, redirectUri: string): Promise<URL> {
  const jar = new Map<string, string>();
  let url = from;
  for (let hop = 0; hop < 10; hop++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`sign-in stopped: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
    url = new URL(location, url);
    if (url.href.startsWith(redirectUri)) return url;
  }
  throw new Error('sign-in: too many redirects');
}
