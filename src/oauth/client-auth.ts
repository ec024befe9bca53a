import {
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretJwt,
  ClientSecretPost,
  None,
  PrivateKeyJwt,
} from 'oauth4webapi';
import { misuse, requireText } from './misuse.js';
import type { KeyLike, ProviderOptions } from './options.js';
import { privateKey } from './private-key.js';

const withSecret = {
  client_secret_basic: ClientSecretBasic,
  client_secret_post: ClientSecretPost,
  client_secret_jwt: ClientSecretJwt,
} as const;

/** The one way this client authenticates (RFC 6749, section 2.3: never more than one per request). */
export function clientAuth(options: ProviderOptions): ClientAuth {
  const given: { clientAuth?: unknown; clientSecret?: unknown; privateKey?: unknown; keyId?: unknown } =
    options;
  const { clientSecret, keyId } = given;
  const method = given.clientAuth ?? (clientSecret === undefined ? 'none' : 'client_secret_basic');
  if (method !== 'private_key_jwt' && given.privateKey !== undefined) {
    misuse('privateKey', 'is for clientAuth: "private_key_jwt"');
  }
  if (method === 'none' || method === 'private_key_jwt') {
    if (clientSecret !== undefined) misuse('clientSecret', `is not for clientAuth: "${method}"`);
    return method === 'none' ? None() : privateKeyJwt(given.privateKey as KeyLike, keyId);
  }
  if (typeof method !== 'string' || !Object.hasOwn(withSecret, method)) {
    return misuse('clientAuth', 'must be one of the methods that ClientAuthentication lists');
  }
  return withSecret[method as keyof typeof withSecret](requireText('clientSecret', clientSecret));
}

/** Every request gets an assertion of its own: a server refuses a `jti` it has seen (RFC 7523, section 3). */
function privateKeyJwt(key: KeyLike, keyId: unknown): ClientAuth {
  const load = privateKey(key, keyId === undefined ? undefined : requireText('keyId', keyId));
  // Not one promise for all: on workerd one that began in another request may never settle. The first to come counts.
  let ready: ClientAuth | undefined;
  return async (...request) => {
    const loaded = ready ?? PrivateKeyJwt(await load());
    ready ??= loaded;
    await ready(...request);
  };
}
