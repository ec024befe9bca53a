import type { Challenge } from '../../protocol/challenge.js';
import type { Cause } from './causes.js';
import type { Seen } from './seen.js';

/** A difference of clocks that is told, in milliseconds: a Date has whole seconds, and responses travel. */
export const TOLD_MS = 30_000;

/** Whether a token that is good by the clock here may be bad by the server's. */
export function isStale(seen: Seen): boolean {
  const { facts, last, aheadMs = 0, challenges } = seen;
  if (Math.abs(aheadMs) <= TOLD_MS) return false;
  const { error } = paramsOf(seen);
  if (error === 'invalid_dpop_proof') return true;
  const isGood = facts !== undefined && last?.expiresAt !== undefined && last.expiresAt > facts.at;
  const isAsked = challenges.some(({ scheme }) => scheme === last?.scheme);
  return isGood && isAsked && (error === undefined || error === 'invalid_token');
}

/** What a server says, or a new token shows, about why a token is refused. */
export function tokenCauses(seen: Seen): Cause[] {
  const { facts, last, outcome, aheadMs = 0 } = seen;
  const { error, error_description: said = '' } = paramsOf(seen);
  if (error === 'use_dpop_nonce') return ['dpop-nonce'];
  if (error === 'invalid_dpop_proof') return ['dpop-proof'];
  if (error === 'invalid_request') return ['invalid-request'];
  // RFC 6750, section 3.1: no error where no token arrived
  if (error === undefined && facts === undefined && outcome === undefined) return ['nothing-sent'];
  const found: Cause[] = [];
  const { expiresAt } = last ?? {};
  if (facts !== undefined && expiresAt !== undefined && expiresAt <= facts.at) found.push('expired');
  if (/audience|issuer|\b(?:aud|iss|azp)\b|\bscopes?\b/i.test(said)) found.push('wrong-audience');
  if (/expire|lifetime|\bexp\b/i.test(said)) {
    const isGood = facts !== undefined && expiresAt !== undefined && expiresAt > facts.at;
    found.push(isGood ? 'expired-there' : 'expired');
  }
  const isNew = last?.minted === true || outcome?.reason === 'refused-fresh';
  if (found.length === 0 && isNew) found.push('wrong-audience');
  if (found.length === 0) found.push('token-refused');
  // too little is known of its life, or of the refusal: the clocks may be why
  const isUnsure = expiresAt === undefined || (seen.challenges.length === 0 && found[0] !== 'expired');
  if (Math.abs(aheadMs) > TOLD_MS && isUnsure) found.push('clock-skew');
  return found;
}

/** The challenge that the token was meant for; names of params are in lower case. */
function paramsOf({ challenges, last }: Seen): Challenge['params'] {
  const own = challenges.find(({ scheme }) => scheme === last?.scheme);
  const other = challenges.find(({ scheme }) => scheme === 'bearer' || scheme === 'dpop');
  return (own ?? other)?.params ?? {};
}
