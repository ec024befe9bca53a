/** What a scheme puts on a request: data, so that nothing is mutated and identity can be compared (RFC 9110, section 11.4). */
export interface Credentials {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Sends the request with fetch's `credentials: 'include'`. */
  readonly cookies?: boolean | undefined;
  /** Identity, compared with `===`: decides "late refusal" against "refused". */
  readonly version?: unknown;
}
