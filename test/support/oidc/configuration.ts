import { randomBytes } from 'node:crypto';

/** oidc-provider's configuration: rotation with reuse detection, opaque access tokens, PKCE, revocation. */
export function configuration(of: {
  adapter: (model: string) => object;
  clients: object[];
  key: Record<string, unknown>;
  accessTokenTtl: () => number;
  requireNonce: () => boolean;
}): object {
  return {
    adapter: of.adapter,
    clients: of.clients,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [of.key] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: ['openid', 'offline_access', 'read', 'write'],
    clientAuthMethods: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
    ],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_: unknown, __: unknown, code: { scopes: Set<string> }) =>
      code.scopes.has('offline_access'),
    ttl: {
      AccessToken: of.accessTokenTtl,
      ClientCredentials: of.accessTokenTtl,
      AuthorizationCode: 60,
      DeviceCode: 60,
      RefreshToken: 3600,
      Grant: 3600,
      Session: 3600,
      Interaction: 600,
      IdToken: 600,
    },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: of.requireNonce },
      deviceFlow: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: 'read write',
          audience: resource,
          accessTokenFormat: 'opaque',
          accessTokenTTL: of.accessTokenTtl(),
        }),
      },
      pushedAuthorizationRequests: { enabled: true },
    },
  };
}
