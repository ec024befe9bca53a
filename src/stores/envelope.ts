/** A sealed record as text; the revision is outside too, so that a save can compare what it cannot open. */
export interface Envelope {
  readonly revision: number;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly sealed: Uint8Array<ArrayBuffer>;
}

export const NONCE_BYTES = 12;
const PREFIX = 'latchkey-sealed-1';
const FORMAT = /^latchkey-sealed-1\.([1-9]\d{0,15})\.([\w-]{16})\.([\w-]{22,})$/;
/** Arguments of one call: more would not fit a stack. */
const CHUNK = 8_192;

export function formatEnvelope({ revision, nonce, sealed }: Envelope): string {
  return `${PREFIX}.${revision}.${toBase64url(nonce)}.${toBase64url(sealed)}`;
}

/** undefined: the text is no sealed record. */
export function readEnvelope(text: string): Envelope | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const [, revision, nonce, sealed] = FORMAT.exec(text) ?? [];
  if (!revision || !nonce || !sealed || !Number.isSafeInteger(Number(revision))) return undefined;
  try {
    return { revision: Number(revision), nonce: fromBase64url(nonce), sealed: fromBase64url(sealed) };
  } catch {
    return undefined;
  }
}

/** Where there is Web Crypto, there are `btoa` and `atob`. */
function toBase64url(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK)
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
