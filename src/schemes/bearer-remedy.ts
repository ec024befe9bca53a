import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';
import { stepUpNeed } from '../protocol/step-up.js';
import type { Remedy } from './scheme.js';

/** RFC 6750, section 3.1: what asks for more than another token is answered by none. */
export function bearerRemedy(challenge: Challenge | undefined, refused: Credentials | undefined): Remedy {
  if (challenge !== undefined && (challenge.scheme !== 'bearer' || stepUpNeed(challenge) !== undefined)) {
    return undefined;
  }
  return refused === undefined ? 'answer' : 'replace';
}

/** The same over a session that can get more: what was sent is not renewed, but stepped up. */
export function sessionRemedy(canStepUp: boolean): (...of: Parameters<typeof bearerRemedy>) => Remedy {
  return (challenge, refused) =>
    canStepUp && refused !== undefined && challenge?.scheme === 'bearer' && stepUpNeed(challenge)
      ? 'step-up'
      : bearerRemedy(challenge, refused);
}
