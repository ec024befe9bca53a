import { md5 } from '@noble/hashes/legacy.js';
import { sha256, sha512_256 } from '@noble/hashes/sha2.js';

/** A hash algorithm of RFC 7616, section 6.1; each stands for its `-sess` form too. */
export type DigestAlgorithm = 'MD5' | 'SHA-256' | 'SHA-512-256';

/** H(data) in hexadecimal (RFC 7616, section 3.3); text is a byte string. */
export type Hash = (data: string | Uint8Array) => string;

/** Names are compared in lower case; SHA-512-256 is SHA-512/256 of FIPS 180-4, with its own initial values. */
const HASHES: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  md5,
  'sha-256': sha256,
  'sha-512-256': sha512_256,
};

/** The names of all of them. */
export const ALGORITHMS: readonly DigestAlgorithm[] = ['MD5', 'SHA-256', 'SHA-512-256'];

export function hashOf(name: string): Hash {
  const digest = HASHES[name] as (bytes: Uint8Array) => Uint8Array;
  return (data) => {
    const bytes = typeof data === 'string' ? Uint8Array.from(data, (c) => c.charCodeAt(0)) : data;
    let hex = '';
    for (const byte of digest(bytes)) hex += byte.toString(16).padStart(2, '0');
    return hex;
  };
}
