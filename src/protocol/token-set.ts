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
