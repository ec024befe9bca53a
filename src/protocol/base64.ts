import { utf8 } from './utf8.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The UTF-8 bytes of well-formed text in base64 with padding (RFC 4648, section 4). `btoa` takes no UTF-8 and is not everywhere. */
export function base64(text: string): string {
  return base64Of(utf8(text));
}

/** Bytes in the alphabet for URLs, without padding (RFC 4648, section 5). */
export function base64url(bytes: ArrayLike<number>): string {
  return base64Of(String.fromCharCode(...Array.from(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

function base64Of(bytes: string): string {
  const left = (at: number) => at < bytes.length;
  let encoded = '';
  for (let i = 0; left(i); i += 3) {
    // behind the end there is NaN, which is no bit
    const group = (bytes.charCodeAt(i) << 16) | (bytes.charCodeAt(i + 1) << 8) | bytes.charCodeAt(i + 2);
    encoded += sextet(group >> 18) + sextet(group >> 12);
    encoded += (left(i + 1) ? sextet(group >> 6) : '=') + (left(i + 2) ? sextet(group) : '=');
  }
  return encoded;
}

function sextet(bits: number): string {
  return ALPHABET.charAt(bits & 63);
}
