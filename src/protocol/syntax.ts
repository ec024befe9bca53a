/** Character classes of RFC 9110, sections 5.6.2, 5.6.3 and 11.2, as bits. */
export const TCHAR = 1;
export const TOKEN68 = 2;
export const BLANK = 4;
export const COMMA = 8;

/** The classes of the first 128 characters; all others have none. CR and LF are blanks: an obs-fold is one. */
export const CLASSES: Uint8Array = /* @__PURE__ */ classTable();

function classTable(): Uint8Array {
  const table = new Uint8Array(128);
  const add = (characters: string, bits: number) => {
    for (let i = 0; i < characters.length; i++) (table[characters.charCodeAt(i)] as number) |= bits;
  };
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  add(`${letters}${letters.toUpperCase()}0123456789-._~+`, TCHAR | TOKEN68);
  add("!#$%&'*^`|", TCHAR);
  add('/', TOKEN68);
  add(' \t\r\n', BLANK);
  add(',', COMMA);
  return table;
}

/** Whether the text is a `token` (RFC 9110, section 5.6.2). */
export function isToken(text: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(text);
}

/** Whether the text is a `token68` (RFC 9110, section 11.2). */
export function isToken68(text: string): boolean {
  return /^[\w.~+/-]+=*$/.test(text);
}

/** Whether a field value can hold the text: no control but HTAB, nothing beyond %xFF (RFC 9110, section 5.5). */
export function isFieldText(text: string): boolean {
  return /^[\t -~\x80-\xff]*$/.test(text);
}

/**
 * The text as a `quoted-string` (RFC 9110, section 5.6.4).
 *
 * @throws TypeError where no quoted-string can hold it; the text itself is not told.
 */
export function quote(text: string): string {
  if (!isFieldText(text)) throw new TypeError('A quoted-string cannot hold this text');
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
