/** The user name and password of RFC 7617, section 2, and RFC 7616, section 3.4; either may be empty. */
export interface UserPassword {
  readonly username: string;
  readonly password: string;
}

/** Both in NFC (RFC 7617, section 2.1; RFC 7616, section 4); TypeError where the scheme cannot encode them. */
export function checkedUser(scheme: 'basic' | 'digest', user: UserPassword): UserPassword {
  const username = checked(scheme, 'username', user?.username);
  const password = checked(scheme, 'password', user?.password);
  if (username.includes(':')) throw new TypeError(`${scheme}: \`username\` must not contain a colon`);
  return { username, password };
}

function checked(scheme: string, option: string, text: unknown): string {
  const must = (what: string) => new TypeError(`${scheme}: \`${option}\` must ${what}`);
  if (typeof text !== 'string') throw must('be a string');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: both RFCs forbid them
  if (/[\0-\x1f\x7f]/.test(text)) throw must('not contain control characters');
  if (/[\ud800-\udfff]/u.test(text)) throw must('be well-formed text');
  return text.normalize('NFC');
}
