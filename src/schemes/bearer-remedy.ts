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
