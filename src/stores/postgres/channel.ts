import { sha256 } from '@noble/hashes/sha2.js';
import { utf8 } from '../../protocol/utf8.js';

/** Names of channels are short identifiers, and everybody who may connect sees them. */
export function channelOf(table: string, key: string): string {
  const bytes = Uint8Array.from(utf8(`${table} ${key}`), (character) => character.charCodeAt(0));
  const hex = [...sha256(bytes).slice(0, 16)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `latchkey_${hex.join('')}`;
}
