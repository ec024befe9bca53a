import { isObject } from '../../protocol/objects.js';
import type { KeyPair } from './key-pair.js';
import { webCrypto } from './web-crypto.js';

type Algorithm = EcKeyImportParams | RsaHashedImportParams | { name: string };

interface Kind {
  readonly alg: string;
  readonly algorithm: Algorithm;
  /** The members that are in every proof, and the private ones beside `d`. */
  readonly shown: readonly string[];
  readonly hidden: readonly string[];
}

const rsa = (alg: string, name: string): Kind => ({
  alg,
  algorithm: { name, hash: 'SHA-256' },
  shown: ['n', 'e'],
  hidden: ['p', 'q', 'dp', 'dq', 'qi'],
});
const ed25519: Kind = { alg: 'Ed25519', algorithm: { name: 'Ed25519' }, shown: ['crv', 'x'], hidden: [] };
const es256: Kind = {
  alg: 'ES256',
  algorithm: { name: 'ECDSA', namedCurve: 'P-256' },
  shown: ['crv', 'x', 'y'],
  hidden: [],
};
const rs256: Kind = rsa('RS256', 'RSASSA-PKCS1-v1_5');

/** By `kty`, `crv` and `alg`: RFC 7518, section 3.1; RFC 8037, section 3.1; RFC 9864, section 2.2. */
const kinds: Readonly<Record<string, Kind>> = {
  'EC P-256': es256,
  'EC P-256 ES256': es256,
  'OKP Ed25519': ed25519,
  'OKP Ed25519 Ed25519': ed25519,
  'OKP Ed25519 EdDSA': ed25519,
  RSA: rs256,
  'RSA RS256': rs256,
  'RSA PS256': rsa('PS256', 'RSA-PSS'),
};

/** 2048 bits in base64url (RFC 7518, section 3.3). */
const LEAST_MODULUS = 342;

/** Checks a private JWK (RFC 7517, section 4) at once, and returns what it signs with and the way to import it. */
export function fromJwk(given: unknown): { readonly alg: string; load(): Promise<KeyPair> } {
  const jwk: Record<string, unknown> = isObject(given) ? { ...given } : fault('must be a private JWK');
  const { kty, crv, alg, d, n, use, key_ops: operations } = jwk;
  const name = [kty, crv, alg].filter((part) => part !== undefined).join(' ');
  const kind = Object.hasOwn(kinds, name)
    ? (kinds[name] as Kind)
    : fault('must be for ES256, Ed25519, RS256 or PS256');
  if (typeof d !== 'string') fault('must be a private key: it has no "d"');
  for (const member of kind.shown) if (typeof jwk[member] !== 'string') fault(`has no "${member}"`);
  if (typeof n === 'string' && n.length < LEAST_MODULUS) fault('must have at least 2048 bits');
  const signs = operations === undefined || (Array.isArray(operations) && operations.includes('sign'));
  if (!signs || (use !== undefined && use !== 'sig')) fault('must be for signing');
  return { alg: kind.alg, load: () => importPair(jwk, kind) };
}

async function importPair(
  jwk: Record<string, unknown>,
  { algorithm, shown, hidden }: Kind,
): Promise<KeyPair> {
  const subtle = webCrypto();
  const import_ = (members: readonly string[], extractable: boolean, usage: 'sign' | 'verify') =>
    subtle.importKey('jwk', pick(jwk, ['kty', ...members]) as JsonWebKey, algorithm, extractable, [usage]);
  try {
    const publicKey = await import_(shown, true, 'verify');
    return { publicKey, privateKey: await import_([...shown, 'd', ...hidden], false, 'sign') };
  } catch {
    return fault('is no key that this platform can import');
  }
}

function pick(from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]),
  );
}

function fault(text: string): never {
  throw new TypeError(`dpopKey: \`jwk\` ${text}`);
}
