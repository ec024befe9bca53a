import { exportJWK, generateKeyPair } from 'jose';

/** The key of the client that authenticates with private_key_jwt, and of the provider's ID Tokens. */
export async function signingKey(kid: string): Promise<Record<string, unknown>> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' };
}

/** The service clients, each with its way to authenticate, as latchkey's options name it. */
export const services = {
  basic: { clientId: 'cc', clientSecret: 'cc-secret' },
  /** id and secret must be form-encoded before base64 (RFC 6749, section 2.3.1) */
  odd: { clientId: 'cc:odd', clientSecret: 'a+b c:%/&=' },
  post: { clientId: 'cc-post', clientSecret: 'cc-secret', clientAuth: 'client_secret_post' },
  jwt: {
    clientId: 'cc-jwt',
    clientSecret: 'a secret of at least thirty-two bytes',
    clientAuth: 'client_secret_jwt',
  },
} as const;

/** The service client whose tokens are bound to a key (RFC 9449, section 5.2). */
export const boundService = { clientId: 'cc-dpop', clientSecret: 'cc-secret' } as const;

/** The clients as registered at the provider. */
export function registrations(issuer: string, clientKey: Record<string, unknown>): object[] {
  const { d: _private, ...publicKey } = clientKey;
  const service = {
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    id_token_signed_response_alg: 'ES256',
    scope: 'read write',
  };
  const secret = (
    { clientId, clientSecret }: { clientId: string; clientSecret: string },
    method: string,
  ) => ({
    ...service,
    client_id: clientId,
    client_secret: clientSecret,
    token_endpoint_auth_method: method,
  });
  return [
    secret(services.basic, 'client_secret_basic'),
    secret(services.odd, 'client_secret_basic'),
    secret(services.post, 'client_secret_post'),
    secret(services.jwt, 'client_secret_jwt'),
    { ...secret(boundService, 'client_secret_basic'), dpop_bound_access_tokens: true },
    {
      ...service,
      client_id: 'cc-key',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [publicKey] },
    },
    { ...publicClient('spa', issuer), post_logout_redirect_uris: [`${issuer}/bye`] },
    { ...publicClient('spa-dpop', issuer), dpop_bound_access_tokens: true },
    {
      client_id: 'tv',
      application_type: 'native',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256',
      scope: 'openid offline_access read',
    },
    {
      client_id: 'pushing',
      client_secret: 'pushing-secret',
      application_type: 'native',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: [`${issuer}/callback`],
      require_pushed_authorization_requests: true,
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
      scope: 'openid read',
    },
  ];
}

function publicClient(id: string, issuer: string): object {
  return {
    client_id: id,
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [`${issuer}/callback`],
    token_endpoint_auth_method: 'none',
    id_token_signed_response_alg: 'ES256',
    scope: 'openid offline_access read write',
  };
}
