const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The UTF-8 bytes of well-formed text in base64 with padding (RFC 4648, section 4). `btoa` takes no UTF-8 and is not everywhere. */
export function base64(text: string): string {
  return base64Of(utf8(text));
}

/** Bytes in the alphabet for URLs, without padding (RFC 4648, section 5). */
export function base64url(bytes: ArrayLike<number>): string {
  return base64Of(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function base64Of(bytes: ArrayLike<number>): string {
  let encoded = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i] as number;
    const b = bytes[i + 1];
    const c = bytes[i + 2];
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    encoded += sextet(group >> 18) + sextet(group >> 12);
    encoded += b === undefined ? '==' : sextet(group >> 6) + (c === undefined ? '=' : sextet(group));
  }
  return encoded;
}

function sextet(bits: number): string {
  return ALPHABET.charAt(bits & 63);
}

function utf8(text: string): number[] {
  const escaped = encodeURIComponent(text);
  const bytes: number[] = [];
  for (let i = 0; i < escaped.length; i++) {
    if (escaped[i] !== '%') {
      bytes.push(escaped.charCodeAt(i));
    } else {
      bytes.push(Number.parseInt(escaped.slice(i + 1, i + 3), 16));
      i += 2;
    }
  }
  return bytes;
}
