import type { Challenge } from '../../protocol/challenge.js';
import type { ForbiddenReason, Reason } from '../../protocol/outcome.js';
import { firstNeed, forbiddenReason } from '../../protocol/step-up.js';
import type { Seen } from './seen.js';
import { isStale, tokenCauses } from './token-causes.js';

/** Why a request was refused, or why nothing was done about it: what there is a text for. */
export type Cause =
  | Exclude<Reason, 'refused-again' | 'refused-fresh' | 'not-answerable'>
  | 'clock-skew'
  | 'expired'
  | 'expired-there'
  | 'wrong-audience'
  | 'token-refused'
  | 'dpop-nonce'
  | 'dpop-proof'
  | 'invalid-request'
  | 'credentials-wrong'
  | 'other-scheme'
  | 'rejected'
  | 'ran-out'
  | 'nothing-sent'
  | 'cookie-not-sent'
  | 'csrf-missing'
  | 'hidden-challenge'
  | 'no-challenge'
  | 'forbidden'
  | 'proxy'
  | 'opaque'
  | 'not-refused';

/** These say why a refusal was not answered, and not why there was one. */
const HELD_BACK = /^(?:no-refresh-token|refresh-limit|read-only|one-shot|redirected)$/;

/** The causes in the order in which they are to be looked into; the first is the one that is told. */
export function causesOf(seen: Seen): readonly Cause[] {
  const { status, outcome, isOpaque } = seen;
  if (isOpaque) return ['opaque'];
  if (status === 407) return ['proxy'];
  if (outcome === undefined && status !== 401 && status !== 403) return ['not-refused'];
  const asks = asksOf(seen);
  if (asks !== undefined) return [asks];
  if (status === 403 && outcome === undefined) return ['forbidden'];
  const own = reasonCauses(seen);
  const found = HELD_BACK.test(own[0] ?? '')
    ? [...sendingCauses(seen), ...own]
    : [...own, ...(isTold(own, seen) ? [] : sendingCauses(seen))];
  if (found.length === 0) return ['nothing-sent'];
  // a wrong clock explains whatever else is said of a token, unless that matters no more
  const isSkewed =
    isStale(seen) && (!isTold(own, seen) || own[0] === 'rejected' || HELD_BACK.test(own[0] ?? ''));
  return [...new Set(isSkewed ? ['clock-skew' as const, ...found] : found)];
}

/** What the challenge asks for beyond other credentials. */
function asksOf({ outcome, challenges }: Seen): ForbiddenReason | undefined {
  const reason = outcome?.reason;
  if (reason !== undefined) {
    return /^insufficient-(?:scope|authentication|claims)$/.test(reason)
      ? (reason as ForbiddenReason)
      : undefined;
  }
  const need = firstNeed(challenges);
  return need && forbiddenReason(need);
}

/** What latchkey says itself. */
function reasonCauses({ outcome, facts, last, challenges }: Seen): Cause[] {
  const reason = outcome?.reason;
  switch (reason) {
    case undefined:
    case 'refused-again':
    case 'refused-fresh':
      return [];
    case 'not-answerable': {
      const isAsked = challenges.some(({ scheme }) => facts?.schemes.includes(scheme));
      const isUnnamed = /^(?:cookie|api-key)$/.test(last?.scheme ?? '');
      return facts === undefined || isAsked || isUnnamed || challenges.length === 0 ? [] : ['other-scheme'];
    }
    case 'session-ended':
      if (facts?.ended?.cause === 'rejected') return ['rejected'];
      return [facts?.ended?.cause === 'expired' ? 'ran-out' : reason];
    case 'signed-out':
    case 'no-credentials':
    case 'no-refresh-token':
    case 'one-shot':
    case 'refresh-limit':
    case 'redirected':
    case 'read-only':
    case 'other-origin':
      return [reason];
    default:
      return [];
  }
}

/** Nothing more need be said: the token is not at fault, or matters no more. */
function isTold(own: readonly Cause[], { last }: Seen): boolean {
  return own.length > 0 && (/^(?:other-|session-)/.test(own[0] ?? '') || isToken(last?.scheme));
}

/** What was wrong with what was sent, or with the answer. */
function sendingCauses(seen: Seen): Cause[] {
  const { last, challenges } = seen;
  const credentials = credentialCauses(seen);
  // a cookie has no auth-scheme: its servers seldom have a challenge
  const answer = last?.scheme === 'cookie' ? [] : challengeCauses(seen);
  const isUnsaid = challenges.length === 0 && isToken(last?.scheme) && credentials[0] !== 'expired';
  return isUnsaid ? [...answer, ...credentials] : [...credentials, ...answer];
}

function credentialCauses(seen: Seen): Cause[] {
  const { last, facts, challenges, outcome } = seen;
  const scheme = last?.scheme;
  if (isToken(scheme)) return tokenCauses(seen);
  if (scheme === 'cookie') {
    return last?.lacksCsrf ? ['csrf-missing', 'cookie-not-sent'] : ['cookie-not-sent'];
  }
  // no RFC names it: it is seldom asked for by its name
  const isOther = scheme === 'api-key' && challenges.length > 0 && !challenges.some(isApiKey);
  if (scheme !== undefined) return isOther ? ['credentials-wrong', 'other-scheme'] : ['credentials-wrong'];
  if (facts !== undefined) return [];
  if (challenges.some((challenge) => isToken(challenge.scheme))) return tokenCauses(seen);
  return challenges.length > 0 && outcome === undefined ? ['nothing-sent', 'credentials-wrong'] : [];
}

function isApiKey({ scheme }: Challenge): boolean {
  return /^(?:x-)?api-?key$/.test(scheme);
}

function isToken(scheme: string | undefined): boolean {
  return scheme === 'bearer' || scheme === 'dpop';
}

/** RFC 9110, section 15.5.2: a 401 must have a challenge. */
function challengeCauses({ status, challenges, isCors, outcome }: Seen): Cause[] {
  if (status !== 401 || challenges.length > 0) return [];
  const hidden: Cause = isCors ? 'hidden-challenge' : 'no-challenge';
  return outcome === undefined ? [hidden, 'cookie-not-sent'] : [hidden];
}
