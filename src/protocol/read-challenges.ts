import { type Challenge, parseChallenges } from './challenge.js';

const KEPT_LENGTH = 4096;

let lastField = '';
let lastChallenges: readonly Challenge[] = [];

/** parseChallenges for readers only: the result is frozen, and of equal fields in a row the same (a storm reads one). */
export function readChallenges(field: string | null): readonly Challenge[] {
  if (field === lastField) return lastChallenges;
  const challenges: readonly Challenge[] = Object.freeze(parseChallenges(field).map(frozen));
  if (typeof field !== 'string' || field.length > KEPT_LENGTH) return challenges;
  lastField = field;
  lastChallenges = challenges;
  return challenges;
}

function frozen(challenge: Challenge): Challenge {
  Object.freeze(challenge.params);
  return Object.freeze(challenge);
}
