/** Well-formed text as a byte string: its UTF-8 bytes, one character each. `TextEncoder` is not everywhere. */
export function utf8(text: string): string {
  return encodeURIComponent(text).replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
