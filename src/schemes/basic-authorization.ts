import { base64 } from '../protocol/base64.js';
import { formatAuthorization } from '../protocol/credentials.js';

/** The user-id and password of RFC 7617, section 2; either may be empty. */
export interface UserPassword {
  readonly username: string;
  readonly password: string;
}

/** "Basic" and the user-pass: NFC, UTF-8, base64 (RFC 7617, sections 2 and 2.1). */
export function basicAuthorization(user: UserPassword): string {
  const username = checked('username', user?.username);
  const password = checked('password', user?.password);
  if (username.includes(':')) throw new TypeError('basic: `username` must not contain a colon');
  return formatAuthorization('Basic', base64(`${username}:${password}`.normalize('NFC')));
}

function checked(option: string, text: unknown): string {
  if (typeof text !== 'string') throw new TypeError(`basic: \`${option}\` must be a string`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617, section 2 forbids them
  if (/[\0-\x1f\x7f]/.test(text))
    throw new TypeError(`basic: \`${option}\` must not contain control characters`);
  if (/[\ud800-\udfff]/u.test(text)) throw new TypeError(`basic: \`${option}\` must be well-formed text`);
  return text;
}
