import { jwtLifetime } from './jwt.js';

/** The last instant that a Date can hold; what lies beyond is cut to it. */
const LAST = 8.64e15;
/** 1973 in milliseconds, the year 5138 in seconds: a smaller number was meant in seconds. */
const FIRST = 1e11;

/** An instant that can be stored and compared, in milliseconds since 1970. */
export function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LAST;
}

/** What `expiresAt` says, in milliseconds since 1970; NaN: nothing usable. */
export function instantOf(given: unknown): number {
  if (given instanceof Date) return given.getTime();
  return typeof given === 'number' && given >= FIRST ? Math.min(Math.floor(given), LAST) : Number.NaN;
}

/** When `expires_in` seconds from now are over (RFC 6749, section 5.1); undefined: it is no number. */
export function expiryIn(given: unknown, now: number): number | undefined {
  const text = typeof given === 'string' && given.trim() !== '';
  const seconds = text || typeof given === 'number' ? Number(given) : Number.NaN;
  if (Number.isNaN(seconds)) return undefined;
  return Math.min(now + Math.floor(Math.max(0, seconds) * 1_000), LAST);
}

/** When a JWT expires (RFC 7519, section 4.1.4); with `iat` its length counts, whatever the clocks say. */
export function jwtExpiry(token: string, now: number): number | undefined {
  const { exp, iat } = jwtLifetime(token) ?? {};
  if (exp === undefined) return undefined;
  if (iat !== undefined) return expiryIn(exp - iat, now);
  return Math.max(-LAST, Math.min(Math.floor(exp * 1_000), LAST));
}
