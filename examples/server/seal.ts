import { CompactEncrypt, compactDecrypt } from 'jose';

/** 32 bytes, base64url: `openssl rand -base64 32 | tr '+/' '-_' | tr -d =` */
const key = Buffer.from(process.env['SESSION_KEY'] ?? '', 'base64url');

/** Encrypts (AES-256-GCM): the text holds the tokens. */
export function seal(text: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(key);
}

/** undefined: sealed with another key, or by somebody else. */
export async function unseal(sealed: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode((await compactDecrypt(sealed, key)).plaintext);
  } catch {
    return undefined;
  }
}
