import { base64 } from '../protocol/base64.js';
import { formatAuthorization } from '../protocol/credentials.js';
import { checkedUser, type UserPassword } from './user-password.js';

/** "Basic" and the user-pass: NFC, UTF-8, base64 (RFC 7617, sections 2 and 2.1). */
export function basicAuthorization(user: UserPassword): string {
  const { username, password } = checkedUser('basic', user);
  return formatAuthorization('Basic', base64(`${username}:${password}`));
}
