import type { Credentials } from '../protocol/credentials.js';

type Pair = [name: string, value: string];
/** Headers of our own copy, in one of the shapes that are cheap to hand on. */
export type Lines = Record<string, string> | Pair[];

interface HeadersLike {
  has(name: string): boolean;
  forEach(callback: (value: string, name: string) => void): void;
}

/** Whether the caller has set Authorization: then the request is the caller's own affair. */
export function setsAuthorization(given: HeadersInit): boolean {
  if (isRecord(given)) {
    for (const name in given) if (name.length === 13 && isAuthorization(name)) return true;
    return false;
  }
  if (isHeaders(given)) return given.has('authorization');
  for (const [name] of given) if (isAuthorization(name)) return true;
  return false;
}

/** A copy that the caller cannot change. */
export function copyLines(given: HeadersInit): Lines {
  if (isRecord(given)) return { ...given };
  const pairs: Pair[] = [];
  if (isIterable(given)) {
    for (const [name, value] of given) pairs.push([name as string, value as string]);
  } else {
    // React Native's Headers
    (given as HeadersLike).forEach((value, name) => {
      pairs.push([name, value]);
    });
  }
  return pairs;
}

/** These lines with the credentials' in place of those of the same name; `lines` stays as it is. */
export function withCredentials(
  lines: Lines | undefined,
  credentials: Credentials | undefined,
): Lines | undefined {
  const written = credentials?.headers;
  if (written === undefined) return lines;
  if (lines === undefined) return written;
  if (Array.isArray(lines)) {
    const pairs: Pair[] = [];
    for (const pair of lines) if (!isWritten(pair[0], written)) pairs.push(pair);
    for (const name in written) pairs.push([name, written[name] as string]);
    return pairs;
  }
  return { ...withoutNames(lines, Object.keys(written)), ...written };
}

function isWritten(name: string, written: Readonly<Record<string, string>>): boolean {
  for (const other in written) {
    if (other.length === name.length && other.toLowerCase() === String(name).toLowerCase()) return true;
  }
  return false;
}

/** A copy with one line more. */
export function withLine(lines: Lines | undefined, name: string, value: string): Lines {
  return Array.isArray(lines) ? [...lines, [name, value]] : { ...lines, [name]: value };
}

/** A copy without the lines of these names, whatever their case. */
export function withoutNames(lines: Lines, names: readonly string[]): Lines {
  const dropped = names.map((name) => name.toLowerCase());
  if (Array.isArray(lines)) return lines.filter(([name]) => !dropped.includes(String(name).toLowerCase()));
  const kept: Record<string, string> = {};
  for (const name in lines) if (!dropped.includes(name.toLowerCase())) kept[name] = lines[name] as string;
  return kept;
}

/** The value of a field, several lines joined as `Headers` does (RFC 9110, section 5.2). */
export function lineOf(lines: Lines | undefined, name: string): string | undefined {
  if (lines === undefined) return undefined;
  const wanted = name.toLowerCase();
  const pairs = Array.isArray(lines) ? lines : Object.entries(lines);
  const values = pairs
    .filter(([key]) => String(key).toLowerCase() === wanted)
    .map(([, value]) => String(value).trim());
  return values.length === 0 ? undefined : values.join(', ');
}

export function isHeaders(given: HeadersInit): given is HeadersInit & HeadersLike {
  const { has, forEach } = given as Partial<HeadersLike>;
  return typeof has === 'function' && typeof forEach === 'function' && !(given instanceof Map);
}

/** An object whose members are the fields. */
export function isRecord(given: HeadersInit): given is Record<string, string> {
  return !isIterable(given) && typeof (given as Partial<HeadersLike>).forEach !== 'function';
}

function isIterable(given: object): given is Iterable<readonly string[]> {
  return typeof (given as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}

function isAuthorization(name: unknown): boolean {
  return typeof name === 'string' && name.length === 13 && name.toLowerCase() === 'authorization';
}
