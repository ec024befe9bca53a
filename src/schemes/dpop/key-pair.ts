/** A key pair as Web Crypto makes it. */
export interface KeyPair {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

/** Smaller ones are refused by RFC 7518, section 3.3. */
const LEAST_RSA_BITS = 2_048;

/** What these keys sign with, checked at once; TypeError naming the key that cannot work. */
export function algOfPair({ publicKey, privateKey }: { publicKey?: unknown; privateKey?: unknown }): string {
  const signing = keyOf('privateKey', privateKey, 'private');
  if (!signing.usages.includes('sign')) fault('privateKey', 'must allow "sign"');
  const alg = algOf(signing.algorithm);
  if (alg === undefined) fault('privateKey', 'must be for ES256, Ed25519, RS256 or PS256');
  const shown = keyOf('publicKey', publicKey, 'public');
  if (!shown.extractable) fault('publicKey', 'must be extractable: every proof holds it');
  if (algOf(shown.algorithm) !== alg) fault('publicKey', 'must be of the algorithm of `privateKey`');
  return alg as string;
}

/** By shape: another realm's CryptoKey is one too. */
function keyOf(option: string, given: unknown, type: 'public' | 'private'): CryptoKey {
  const key = given as CryptoKey | undefined | null;
  const isKey = typeof key?.algorithm === 'object' && Array.isArray(key.usages) && key.type === type;
  return isKey ? key : fault(option, `must be a ${type} CryptoKey`);
}

function algOf(algorithm: KeyAlgorithm): string | undefined {
  const { name, namedCurve, hash, modulusLength } = algorithm as Partial<
    EcKeyAlgorithm & RsaHashedKeyAlgorithm
  >;
  if (name === 'ECDSA') return namedCurve === 'P-256' ? 'ES256' : undefined;
  if (name === 'Ed25519') return name;
  if (hash?.name !== 'SHA-256' || !((modulusLength ?? 0) >= LEAST_RSA_BITS)) return undefined;
  return name === 'RSA-PSS' ? 'PS256' : name === 'RSASSA-PKCS1-v1_5' ? 'RS256' : undefined;
}

function fault(option: string, text: string): never {
  throw new TypeError(`dpopKey: \`${option}\` ${text}`);
}
