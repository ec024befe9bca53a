/** What proofs are signed with; looked up at first use, because some platforms have none. */
export function webCrypto(): SubtleCrypto {
  const { crypto } = globalThis;
  if (crypto?.subtle === undefined || typeof crypto.randomUUID !== 'function') {
    throw new TypeError(
      'dpop: this platform has no Web Crypto, which proofs need; a page has it over https only',
    );
  }
  return crypto.subtle;
}
