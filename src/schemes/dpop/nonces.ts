import { originOf } from './htu.js';

/** 1*NQCHAR (RFC 9449, section 8.1); what is longer would make the next request too large. */
const NONCE = /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/;

/** As many servers as are remembered. */
const MOST = 100;

/** The nonce that each server supplied last; one server's is never sent to another (RFC 9449, sections 8.2 and 9). */
export class Nonces {
  readonly #byOrigin = new Map<string, string>();

  of(url: string): string | undefined {
    return this.#byOrigin.get(originOf(url));
  }

  /** The nonce of a response; one that is malformed counts as none. */
  learn(url: string, headers: { get(name: string): string | null }): string | undefined {
    const nonce = headers.get('dpop-nonce');
    if (nonce === null || !NONCE.test(nonce)) return undefined;
    const origin = originOf(url);
    this.#byOrigin.delete(origin);
    this.#byOrigin.set(origin, nonce);
    if (this.#byOrigin.size > MOST) this.#byOrigin.delete(this.#byOrigin.keys().next().value as string);
    return nonce;
  }
}
