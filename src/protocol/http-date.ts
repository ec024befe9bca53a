/** An HTTP-date (RFC 9110, section 5.6.7) in milliseconds since 1970; undefined where the text is none. */
export function httpDate(text: string): number | undefined {
  // Date.parse takes much that is no HTTP-date: each of the three forms begins with the name of a day.
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
