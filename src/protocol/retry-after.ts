/** How long a Retry-After asks to wait, in milliseconds: seconds or an HTTP-date (RFC 9110, section 10.2.3). */
export function retryAfterMs(field: string | null | undefined, now: number): number | undefined {
  const text = field?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, Number.MAX_SAFE_INTEGER);
  // Date.parse takes much that is no HTTP-date: each of the three forms begins with the name of a day.
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
