import type { Challenge } from '../../protocol/challenge.js';
import { isFieldText } from '../../protocol/syntax.js';
import { type DigestAlgorithm, type Hash, hashOf } from './algorithm.js';

/** Quality of protection: the request alone, or with its body (RFC 7616, section 3.3). */
export type Qop = 'auth' | 'auth-int';

/** What a challenge asks for, as far as it can be answered (RFC 7616, section 3.3). */
export interface Terms {
  /** A byte string, as are `nonce` and `opaque`: hashed as they came, never decoded. */
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  /** As the server wrote it; undefined: not at all, which means MD5. */
  readonly algorithm: string | undefined;
  readonly hash: Hash;
  /** The `-sess` form. */
  readonly isSession: boolean;
  /** undefined: none are offered, so the form of RFC 2069. */
  readonly qops: readonly Qop[] | undefined;
  readonly userhash: boolean;
  readonly domain: string | undefined;
  readonly stale: boolean;
}

/** undefined where the challenge is not Digest's, or is to be ignored: an algorithm or qop that is not known, no nonce. */
export function readTerms(
  challenge: Challenge | undefined,
  algorithms: readonly DigestAlgorithm[],
): Terms | undefined {
  if (challenge?.scheme !== 'digest') return undefined;
  const { realm, nonce, opaque, algorithm, qop, userhash, domain, stale } = challenge.params;
  if (realm === undefined || !nonce) return undefined;
  // what cannot be written back cannot be answered
  if (![realm, nonce, opaque ?? ''].every(isFieldText)) return undefined;
  const [, name = '', session] = /^(.*?)(-sess)?$/s.exec(algorithm?.toLowerCase() ?? 'md5') ?? [];
  if (!algorithms.some((known) => known.toLowerCase() === name)) return undefined;
  const qops = readQops(qop);
  if (qops?.length === 0) return undefined;
  return {
    realm,
    nonce,
    opaque,
    algorithm,
    hash: hashOf(name),
    isSession: session !== undefined,
    qops,
    userhash: userhash?.toLowerCase() === 'true',
    domain,
    stale: stale?.toLowerCase() === 'true',
  };
}

/** The known ones; an empty list where others only are offered: that is no reason to do without. */
function readQops(qop = ''): Qop[] | undefined {
  const offered = qop.toLowerCase().match(/[^\s,]+/g);
  return offered?.filter((value): value is Qop => value === 'auth' || value === 'auth-int') ?? undefined;
}
