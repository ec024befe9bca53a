import { isObject } from './objects.js';

/** The text of a JSON object in base64url without padding (RFC 7515, section 2); undefined where it is none. Never throws. */
export function jsonText(part: string): string | undefined {
  try {
    const text = utf8(base64url(part));
    return isObject(JSON.parse(text)) ? text : undefined;
  } catch {
    return undefined;
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** By hand: not every engine of React Native has atob. One character a byte. */
function base64url(text: string): string {
  let bytes = '';
  let held = 0;
  let bits = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) throw new TypeError();
    held = (held << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += String.fromCharCode((held >> bits) & 255);
    }
  }
  // A lone sixth of a group holds no byte: no encoder writes it.
  if (bits === 6) throw new TypeError();
  return bytes;
}

/** By percent-decoding, which every engine has and which refuses what is no UTF-8; React Native lacks TextDecoder. */
function utf8(bytes: string): string {
  return decodeURIComponent(
    bytes.replace(/[%\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`),
  );
}
