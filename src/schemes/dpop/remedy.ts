import type { Challenge } from '../../protocol/challenge.js';
import type { Credentials } from '../../protocol/credentials.js';
import { stepUpNeed } from '../../protocol/step-up.js';
import type { Remedy } from '../scheme.js';
import { type Sent, sentOf } from './sent.js';

/** RFC 9449, section 7.1: a refused proof asks for another proof, a refused token for another token. */
export function dpopRemedy(
  alg: string,
  challenge: Challenge | undefined,
  refused: Credentials | undefined,
): Remedy {
  if (challenge !== undefined) {
    const { algs } = challenge.params;
    // the algorithms that the server takes, separated by spaces
    const isTaken = !algs || algs.split(' ').includes(alg);
    if (challenge.scheme !== 'dpop' || !isTaken || stepUpNeed(challenge) !== undefined) return undefined;
  }
  if (refused === undefined) return 'answer';
  return asksForProof(challenge, sentOf(refused)) ? 'answer' : 'replace';
}

/** Whether another proof may be sent: once, and where a nonce is asked for only with another one (section 8). */
export function mayProveAgain(challenge: Challenge | undefined, sent: Sent): boolean {
  return !sent.again && (sent.isNews || challenge?.params['error'] === 'invalid_dpop_proof');
}

/** Browsers may hide the challenge and show the nonce: then that is tried before the token is replaced. */
function asksForProof(challenge: Challenge | undefined, sent: Sent): boolean {
  if (challenge === undefined) return mayProveAgain(challenge, sent);
  return /^(?:use_dpop_nonce|invalid_dpop_proof)$/.test(challenge.params['error'] ?? '');
}
