import { RefreshUnavailableError } from '../errors.js';

/** 32 random bytes, or a `CryptoKey` for AES-GCM, which need not be extractable. */
export type EncryptionKey =
  | Uint8Array
  | {
      readonly type: string;
      readonly extractable: boolean;
      readonly algorithm: { readonly name: string };
      readonly usages: readonly string[];
    };

/**
 * One key, or several: the first seals, every one opens. `'plaintext'` behind a key reads also what was written before
 * there was encryption; while it stands there, so does who can write the place.
 */
export type Encrypt = EncryptionKey | readonly [EncryptionKey, ...(EncryptionKey | 'plaintext')[]];

/** Keys ready for use; those of bytes are imported at first use. */
export interface Keys {
  readonly all: readonly (() => Promise<CryptoKey>)[];
  readonly plaintext: boolean;
}

const KEY_BYTES = 32;
const WANTED = 'encrypt: must be 32 bytes, an AES-GCM CryptoKey, or a list of such keys, the newest first';

/** Checks what was given at once, and keeps a copy of it. */
export function keysOf(encrypt: Encrypt): Keys {
  const given: readonly unknown[] = Array.isArray(encrypt) ? encrypt : [encrypt];
  if (given.length === 0 || given[0] === 'plaintext') throw new TypeError(WANTED);
  const keys = given.filter((key) => key !== 'plaintext');
  return {
    all: keys.map((key, i) => keyOf(key, i === 0)),
    plaintext: keys.length < given.length,
  };
}

/** @throws RefreshUnavailableError where the platform has none. */
export function webCrypto(): Crypto {
  const { crypto } = globalThis;
  if (crypto?.subtle === undefined)
    throw new RefreshUnavailableError('encrypt: this platform has no Web Crypto, which it needs');
  return crypto;
}

function keyOf(key: unknown, seals: boolean): () => Promise<CryptoKey> {
  if (isBytes(key)) {
    if (key.length !== KEY_BYTES)
      throw new TypeError(`encrypt: a key must have ${KEY_BYTES} bytes, and this one has ${key.length}`);
    return imported(new Uint8Array(key));
  }
  const { type, algorithm, usages } = Object(key) as Partial<CryptoKey>;
  if (type !== 'secret' || algorithm?.name !== 'AES-GCM' || !Array.isArray(usages))
    throw new TypeError(WANTED);
  for (const usage of seals ? (['encrypt', 'decrypt'] as const) : (['decrypt'] as const))
    if (!usages.includes(usage)) throw new TypeError(`encrypt: the CryptoKey must allow "${usage}"`);
  return async () => key as CryptoKey;
}

function imported(bytes: Uint8Array<ArrayBuffer>): () => Promise<CryptoKey> {
  let key: Promise<CryptoKey> | undefined;
  return async () => {
    const { subtle } = webCrypto();
    key ??= subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
    return key;
  };
}

/** By tag: a Buffer too, and bytes of another realm. */
function isBytes(key: unknown): key is Uint8Array {
  return Object.prototype.toString.call(key) === '[object Uint8Array]';
}
