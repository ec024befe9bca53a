import { httpDate } from './http-date.js';

/** How long a Retry-After asks to wait, in milliseconds: seconds or an HTTP-date (RFC 9110, section 10.2.3). */
export function retryAfterMs(field: string | null | undefined, now: number): number | undefined {
  const text = field?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, Number.MAX_SAFE_INTEGER);
  const at = httpDate(text);
  return at === undefined ? undefined : Math.max(0, at - now);
}
