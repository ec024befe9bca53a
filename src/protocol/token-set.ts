import * as z from 'zod/mini';
import { expiryIn, instantOf, isInstant, jwtExpiry } from './lifetime.js';
import { isObject, withoutAbsent } from './objects.js';

/** The tokens of one sign-in (RFC 6749, section 5.1). */
export interface TokenSet {
  readonly accessToken: string;
  readonly tokenType?: string | undefined;
  readonly refreshToken?: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
  readonly scope?: string | undefined;
  readonly idToken?: string | undefined;
  /** Other members of the token response (instance_url, user, …). */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

/** What signs in or renews: ours, or a token endpoint's own JSON. Absent, undefined and null are one. */
export type TokenInput =
  | {
      access_token: string;
      token_type?: string | null | undefined;
      refresh_token?: string | null | undefined;
      /** Seconds (RFC 6749, section 5.1). */
      expires_in?: number | string | null | undefined;
      scope?: string | null | undefined;
      id_token?: string | null | undefined;
    }
  | {
      accessToken: string;
      tokenType?: string | null | undefined;
      refreshToken?: string | null | undefined;
      /** Seconds (RFC 6749, section 5.1). */
      expiresIn?: number | string | null | undefined;
      /** Milliseconds since 1970, or a Date. */
      expiresAt?: number | Date | null | undefined;
      scope?: string | null | undefined;
      idToken?: string | null | undefined;
      extra?: Readonly<Record<string, unknown>> | undefined;
    };

/** What is wrong with something from outside; never its value. */
export interface Issue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
}

/** A schema for each member of an object. */
export type Members<T> = { readonly [Name in keyof T]-?: z.ZodMiniType<T[Name]> };

/** The members that a schema knows, or what is wrong with them. z.object does more and weighs as much as a parser. */
export function readMembers<T>(
  members: Members<T>,
  from: Readonly<Record<string, unknown>>,
): { readonly value: T } | { readonly issues: readonly Issue[] } {
  const value: Partial<T> = {};
  const issues: Issue[] = [];
  for (const name of Object.keys(members) as (keyof T & string)[]) {
    const read = z.safeParse(members[name], from[name]);
    if (!read.success) issues.push({ message: read.error.issues[0]?.message ?? '', path: [name] });
    else if (read.data !== undefined) value[name] = read.data as T[typeof name];
  }
  return issues.length > 0 ? { issues } : { value: value as T };
}

/** Schemas are made when they are first used: made at import, they would be half of what it runs. */
let madeMembers: Members<TokenSet> | undefined;

/** What every token set is, wherever it comes from. */
export function tokenSetMembers(): Members<TokenSet> {
  madeMembers ??= makeMembers();
  return madeMembers;
}

function makeMembers(): Members<TokenSet> {
  const text = z.custom<string | undefined>(
    (value) => value === undefined || typeof value === 'string',
    'must be a string',
  );
  return {
    accessToken: z.custom<string>(
      (value) => typeof value === 'string' && /^[!-~]+$/.test(value),
      'must be a non-empty string of visible ASCII',
    ),
    tokenType: z.custom<string | undefined>(
      (value) => value === undefined || value === 'Bearer' || value === 'DPoP',
      'must be Bearer or DPoP: a token of a type that is not understood is not used',
    ),
    refreshToken: text,
    expiresAt: z.custom<number | undefined>(
      (value) => value === undefined || isInstant(value),
      'must be a Date or milliseconds since 1970, not seconds',
    ),
    scope: text,
    idToken: text,
    extra: z.custom<Record<string, unknown> | undefined>(
      (value) => value === undefined || isObject(value),
      'must be an object',
    ),
  };
}

/** Ours, and the token endpoint's name for it (RFC 6749, section 5.1). */
const NAMES = {
  accessToken: 'access_token',
  tokenType: 'token_type',
  refreshToken: 'refresh_token',
  expiresIn: 'expires_in',
  scope: 'scope',
  idToken: 'id_token',
};

/**
 * Tokens from outside: ours, or a token endpoint's own JSON (RFC 6749, section 5.1).
 *
 * @param now Milliseconds since 1970: where a lifetime counts from.
 */
export function readTokenInput(
  input: unknown,
  now: number,
): { readonly value: TokenSet } | { readonly issues: readonly Issue[] } {
  if (!isObject(input))
    return { issues: [{ message: 'must be an object with accessToken or access_token', path: [] }] };
  const ours = input['accessToken'] != null || input['access_token'] == null;
  const found: Record<string, unknown> = {};
  const called: Record<string, string> = {};
  const others: Record<string, unknown> = { ...input };
  for (const [name, theirs] of Object.entries(NAMES)) {
    const used = input[name] != null || (ours && input[theirs] == null) ? name : theirs;
    called[name] = used;
    // Absent, null and the empty string are one.
    found[name] = input[used] === '' ? undefined : (input[used] ?? undefined);
    delete others[name];
    delete others[theirs];
  }
  if (ours) {
    // In a token endpoint's JSON these two are members like any other.
    for (const name of ['expiresAt', 'extra']) {
      found[name] = others[name] ?? undefined;
      delete others[name];
    }
  }
  found['tokenType'] = knownType(found['tokenType']);
  found['expiresAt'] = expiryOf(found, now);
  found['extra'] = extraOf(others, found['extra']);
  const read = readMembers(tokenSetMembers(), found);
  if ('value' in read) return read;
  const issues = read.issues.map(({ message, path: [name] }) => ({
    message,
    path: [called[String(name)] ?? String(name)],
  }));
  return { issues };
}

/** RFC 6749, section 7.1: the type is matched case-insensitively. */
function knownType(given: unknown): unknown {
  const lower = typeof given === 'string' ? given.toLowerCase() : undefined;
  return ['Bearer', 'DPoP'].find((type) => type.toLowerCase() === lower) ?? given;
}

function expiryOf(found: Record<string, unknown>, now: number): number | undefined {
  const { accessToken, expiresAt, expiresIn } = found;
  if (expiresAt !== undefined) return instantOf(expiresAt);
  return (
    expiryIn(expiresIn, now) ?? (typeof accessToken === 'string' ? jwtExpiry(accessToken, now) : undefined)
  );
}

function extraOf(others: Record<string, unknown>, given: unknown): unknown {
  if (given !== undefined && !isObject(given)) return given;
  const extra = withoutAbsent({ ...others, ...given });
  return Object.keys(extra).length > 0 ? extra : undefined;
}
