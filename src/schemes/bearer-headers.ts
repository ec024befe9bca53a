/** The Authorization field of a token; a token that is no visible ASCII would break out of the field (RFC 6750, section 2.1). */
export function bearerHeaders(token: string, what: string): Readonly<Record<string, string>> {
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new TypeError(
      `bearer: the ${what} must be one or more visible ASCII characters, without "Bearer" before them`,
    );
  }
  return Object.freeze({ Authorization: `Bearer ${token}` });
}
