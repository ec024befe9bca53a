import type { CryptoKey, PrivateKey } from 'oauth4webapi';
import { misuse } from './misuse.js';
import type { KeyLike } from './options.js';

type Jwk = Extract<KeyLike, { kty?: string | undefined }>;
type Algorithm = { name: string; hash?: string; namedCurve?: string };

const rsa = (name: string, bits: string): Algorithm => ({ name, hash: `SHA-${bits}` });
const ecdsa = (namedCurve: string): Algorithm => ({ name: 'ECDSA', namedCurve });

/** RFC 7518, section 3.1; RFC 9864, section 2.2. */
const algorithms: Readonly<Record<string, Algorithm>> = {
  RS256: rsa('RSASSA-PKCS1-v1_5', '256'),
  RS384: rsa('RSASSA-PKCS1-v1_5', '384'),
  RS512: rsa('RSASSA-PKCS1-v1_5', '512'),
  PS256: rsa('RSA-PSS', '256'),
  PS384: rsa('RSA-PSS', '384'),
  PS512: rsa('RSA-PSS', '512'),
  ES256: ecdsa('P-256'),
  ES384: ecdsa('P-384'),
  ES512: ecdsa('P-521'),
  EdDSA: { name: 'Ed25519' },
  Ed25519: { name: 'Ed25519' },
};
const usual: Readonly<Record<string, string>> = {
  RSA: 'RS256',
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'Ed25519',
};

/** Checks a private key at once and returns the way to get it ready for signing. */
export function privateKey(key: KeyLike, keyId: string | undefined): () => Promise<PrivateKey> {
  if (typeof key !== 'object' || key === null) misuse('privateKey', 'must be a CryptoKey or a JWK');
  if (isCryptoKey(key)) {
    if (key.type !== 'private') misuse('privateKey', 'must be a private key');
    if (!key.usages.includes('sign')) misuse('privateKey', 'must allow "sign"');
    return async () => withId(key, keyId);
  }
  const jwk = key as Jwk;
  const algorithm = algorithmOf(jwk);
  if (typeof jwk['d'] !== 'string') misuse('privateKey', 'must be a private key: this JWK has no "d"');
  return async () => withId(await importKey(jwk, algorithm), keyId ?? textOf(jwk['kid']));
}

function isCryptoKey(key: object): key is CryptoKey {
  return 'algorithm' in key && 'usages' in key;
}

function algorithmOf(jwk: Jwk): Algorithm {
  const name = textOf(jwk['alg']) ?? usual[textOf(jwk.kty === 'RSA' ? 'RSA' : jwk['crv']) ?? ''] ?? '';
  const algorithm = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
  return algorithm ?? misuse('privateKey', 'must be a JWK for RS, PS, ES or Ed25519 signatures');
}

async function importKey(jwk: Jwk, algorithm: Algorithm): Promise<CryptoKey> {
  const { subtle } = globalThis.crypto;
  return await subtle.importKey('jwk', jwk as JsonWebKey, algorithm, false, ['sign']);
}

function withId(key: CryptoKey, kid: string | undefined): PrivateKey {
  return kid === undefined ? { key } : { key, kid };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
