import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';
import type { Held, Replaced, SessionCore } from '../protocol/session-core.js';
import { stepUpNeed } from '../protocol/step-up.js';
import type { Target } from './scheme.js';

/** Whether a challenge of this scheme asks for more than was sent, and the session knows how to get it. */
export function canStepUp(
  core: SessionCore,
  scheme: string,
  challenge: Challenge | undefined,
  refused: Credentials | undefined,
): boolean {
  if (core.stepUp === undefined || refused === undefined || challenge?.scheme !== scheme) return false;
  return stepUpNeed(challenge) !== undefined;
}

/** What a session has in place of the refused: renewed, or stepped up where the challenge asks for more. */
export function replaceHeld(
  core: SessionCore,
  refused: Held,
  { begun, url }: Target,
  challenge: Challenge | undefined,
): Replaced | Promise<Replaced> {
  const need = core.stepUp && stepUpNeed(challenge);
  return need && core.stepUp
    ? core.stepUp(refused, begun, need, url)
    : core.replace(refused, begun, challenge, undefined);
}
