import { Bare } from '../protocol/bare.js';
import type { Credentials } from '../protocol/credentials.js';

/** Headers as an object: the cheapest shape to merge and to hand on. */
export type Lines = Readonly<Record<string, string>>;

interface HeadersLike {
  has(name: string): boolean;
  forEach(callback: (value: string, name: string) => void): void;
}

/** Whether the caller has set Authorization: then the request is the caller's own affair. */
export function setsAuthorization(lines: Lines): boolean {
  for (const name in lines) {
    if (name.length === 13 && name.toLowerCase() === 'authorization') return true;
  }
  return false;
}

/** The caller's object itself, or a copy of what is none. */
export function linesOf(given: HeadersInit): Lines {
  // React Native's Headers have no iterator
  const isOfHeaders = isHeaders(given);
  if (!isOfHeaders && !isIterable(given)) return given as Lines;
  const lines = new Bare();
  const add = (value: string, name: string) => {
    lines[name] = name in lines ? `${lines[name]}, ${value}` : value;
  };
  if (isOfHeaders) given.forEach(add);
  else for (const [name, value] of given) add(value as string, name as string);
  return lines;
}

/** A copy with the credentials' lines in place of those of the same name; without credentials the lines themselves. */
export function withCredentials(
  lines: Lines | undefined,
  credentials: Credentials | undefined,
): Lines | undefined {
  const written = credentials?.headers;
  if (written === undefined || lines === undefined) return written ?? lines;
  for (const name in written) {
    // Authorization is in none of the caller's
    if (name !== 'Authorization') return { ...withoutNames(lines, Object.keys(written)), ...written };
  }
  return { ...lines, ...written };
}

/** A copy without the lines of these names, whatever their case. */
export function withoutNames(lines: Lines, names: readonly string[]): Record<string, string> {
  const dropped = names.map((name) => name.toLowerCase());
  const kept = { ...lines };
  for (const name in kept) if (dropped.includes(name.toLowerCase())) delete kept[name];
  return kept;
}

/** The value of a field, several lines joined as `Headers` does (RFC 9110, section 5.2). */
export function lineOf(lines: Lines | undefined, name: string): string | undefined {
  const values = Object.entries(lines ?? {})
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .map(([, value]) => String(value).trim());
  return values.length === 0 ? undefined : values.join(', ');
}

function isHeaders(given: object): given is HeadersLike {
  const { has, forEach } = given as Partial<HeadersLike>;
  return typeof has === 'function' && typeof forEach === 'function' && !(given instanceof Map);
}

function isIterable(given: object): given is Iterable<readonly string[]> {
  return typeof (given as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}
