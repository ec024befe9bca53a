/** One challenge: a server asks for credentials of this auth-scheme (RFC 9110, section 11.3). */
export interface Challenge {
  /** The auth-scheme in lower case: it is matched case-insensitively. */
  readonly scheme: string;
  readonly token68?: string | undefined;
  /** The auth-params: names in lower case, values un-escaped, of a repeated name the last. */
  readonly params: Readonly<Record<string, string>>;
}
