import { jsonText } from './json-text.js';
import { isObject } from './objects.js';
import { printable } from './printable.js';

/** Standard Schema by shape, so that this door names no package. */
export interface StandardSchemaLike<T> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
  };
}

/**
 * The claims of a JWT (RFC 7519, section 4), unverified: nothing is known of who wrote them.
 *
 * @param schema Any Standard Schema that answers at once; its output is returned.
 * @throws TypeError where it is no JWT, or the claims do not fit the schema; without the token and its claims.
 * @example
 * ```ts
 * const { sub } = decodeJwt(tokens.accessToken, z.object({ sub: z.string() }));
 * ```
 */
export function decodeJwt(jwt: string): Readonly<Record<string, unknown>>;
export function decodeJwt<T>(jwt: string, schema: StandardSchemaLike<T>): T;
export function decodeJwt(jwt: string, schema?: StandardSchemaLike<unknown>): unknown {
  const claims = claimsOf(jwt);
  if (!claims) throw new TypeError('jwt: this is no JWT');
  return schema === undefined ? claims : validated(claims, schema);
}

/** What a token says of its life in seconds, where it is a JWT that does; never throws. */
export function jwtLifetime(
  token: unknown,
): { exp?: number | undefined; iat?: number | undefined } | undefined {
  const claims = claimsOf(token);
  if (!claims) return undefined;
  const { exp, iat } = claims;
  return { exp: finite(exp), iat: finite(iat) };
}

/** Whether two ID tokens are of one user; where either says nothing, nothing speaks against it. */
export function sameSubject(a: string | undefined, b: string | undefined): boolean {
  const [mine, other] = [claimsOf(a), claimsOf(b)];
  return (['iss', 'sub'] as const).every(
    (name) => mine?.[name] === undefined || other?.[name] === undefined || mine[name] === other[name],
  );
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function claimsOf(jwt: unknown): Record<string, unknown> | undefined {
  if (typeof jwt !== 'string') return undefined;
  const [header, payload, signature, more] = jwt.split('.', 4);
  if (header === undefined || payload === undefined || signature === undefined || more !== undefined) {
    return undefined;
  }
  return jsonObject(header) && jsonObject(payload);
}

function jsonObject(part: string): Record<string, unknown> | undefined {
  const text = jsonText(part);
  return text === undefined ? undefined : JSON.parse(text);
}

function validated(claims: unknown, schema: StandardSchemaLike<unknown>): unknown {
  if (typeof schema?.['~standard']?.validate !== 'function') {
    throw new TypeError('schema: must be a Standard Schema');
  }
  const result = schema['~standard'].validate(claims) as {
    value?: unknown;
    issues?: readonly { message: string; path?: readonly unknown[] }[];
    catch?: (ignore: () => void) => void;
  } | null;
  if (result?.issues) {
    throw new TypeError(`jwt: the claims do not fit the schema: ${result.issues.map(textOf).join('; ')}`);
  }
  if (isObject(result) && 'value' in result) return result['value'];
  result?.catch?.(() => {});
  throw new TypeError('schema: must validate synchronously');
}

function textOf(issue: { message: string; path?: readonly unknown[] }): string {
  const path = (issue.path ?? []).map((part) => String(isObject(part) ? part['key'] : part)).join('.');
  return printable(path === '' ? issue.message : `${path}: ${issue.message}`);
}
