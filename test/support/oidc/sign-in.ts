import * as oauth from 'oauth4webapi';
import { Browser } from './browser.ts';

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
  const parameters = oauth.validateAuthResponse(
    server,
    client,
    await new Browser().until(request, redirectUri),
    state,
  );
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
