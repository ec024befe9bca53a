/** Where a DPoP key keeps what schemes and grants use of it; registered, so that two copies of the package agree. */
export const dpopKeyCore: unique symbol = Symbol.for('latchkey.dpop-key');

/** What a proof is for (RFC 9449, section 4.2). */
interface Proved {
  /** The method, for `htm`. */
  readonly method: string;
  /** As it is sent; `htu` is made of it. */
  readonly url: string;
  /** For `ath`: at a resource, never at a token endpoint. */
  readonly accessToken?: string | undefined;
  readonly nonce: string | undefined;
}

/** A DPoP key from inside, in closures: who logs it sees no key. */
export interface DpopKeyCore {
  readonly alg: string;
  /** A proof for one sending. Rejects with an error that may be shown. */
  prove(of: Proved): Promise<string>;
  /** The nonce that the server of this URL supplied last (RFC 9449, section 8.2). */
  nonceFor(url: string): string | undefined;
  /** Keeps the nonce of a response from this URL, and returns it. */
  learn(url: string, headers: { get(name: string): string | null }): string | undefined;
}

/** A key pair that access tokens are bound to; `alg` is what it signs proofs with (RFC 9449, section 4.2). */
export interface DpopKey {
  /** For the scheme and the grants. */
  readonly [dpopKeyCore]: DpopKeyCore;
  readonly alg: string;
}
