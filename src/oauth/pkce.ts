import { sha256 } from '@noble/hashes/sha2.js';
import { generateRandomCodeVerifier } from 'oauth4webapi';
import { RefreshMisconfiguredError } from '../errors.js';
import { base64url } from '../protocol/base64.js';

/**
 * 256 random bits as 43 unreserved characters: a code verifier (RFC 7636, section 4.1), a state or a nonce.
 *
 * @throws RefreshMisconfiguredError where the platform has no secure randomness.
 */
export function randomText(): string {
  if (typeof globalThis.crypto?.getRandomValues !== 'function') {
    throw new RefreshMisconfiguredError(
      'There is no crypto.getRandomValues: in React Native install react-native-get-random-values and import it first',
    );
  }
  return generateRandomCodeVerifier();
}

/** S256 (RFC 7636, section 4.2). Not by Web Crypto: React Native and insecure pages have no crypto.subtle. */
export function codeChallenge(codeVerifier: string): string {
  return base64url(sha256(Uint8Array.from(codeVerifier, (character) => character.charCodeAt(0))));
}
