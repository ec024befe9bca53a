import type { Credentials } from '../protocol/credentials.js';
import type { Init } from './enter.js';
import { copyLines, isRecord, setsAuthorization, withCredentials } from './headers.js';

/** Text or nothing as body, and no Authorization of the caller's: what needs no preparation. */
export function isQuick(init: NonNullable<Init>): boolean {
  const { body, headers } = init;
  if (body !== undefined && body !== null && typeof body !== 'string') return false;
  if (init.auth === false || init.mode === 'no-cors' || headers === null) return false;
  return headers === undefined || !setsAuthorization(headers);
}

/** The init that is sent: unknown members survive, no `Headers` are built. */
export function quickInit(init: Init, credentials: Credentials | undefined): RequestInit | undefined {
  const written = credentials?.headers;
  if (init === undefined) return written && { headers: written };
  const { headers } = init;
  if (headers === undefined) return written === undefined ? { ...init } : { ...init, headers: written };
  if (isRecord(headers)) return { ...init, headers: merged(headers, written) };
  return { ...init, headers: withCredentials(copyLines(headers), credentials) as HeadersInit };
}

function merged(
  given: Readonly<Record<string, string>>,
  written: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const lines: Record<string, string> = { ...given, ...written };
  for (const name in written) {
    // Authorization is in none of the given
    if (name !== 'Authorization') dropOthers(lines, name);
  }
  return lines;
}

function dropOthers(lines: Record<string, string>, name: string): void {
  const lower = name.toLowerCase();
  for (const other in lines) if (other !== name && other.toLowerCase() === lower) delete lines[other];
}
