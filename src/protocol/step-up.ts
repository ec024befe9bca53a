import type { Challenge } from './challenge.js';
import { jsonText } from './json-text.js';
import type { ForbiddenReason } from './outcome.js';

/** What a challenge asks beyond a fresh token (RFC 6750, section 3.1; RFC 9470, section 3; claims challenges). */
export type StepUpNeed =
  | { readonly type: 'scope'; readonly scope: readonly string[]; readonly challenge: Challenge }
  | {
      readonly type: 'authentication';
      readonly acrValues?: readonly string[] | undefined;
      /** How long ago the user may have signed in at most, in seconds (RFC 9470, section 3). */
      readonly maxAge?: number | undefined;
      readonly challenge: Challenge;
    }
  | {
      readonly type: 'claims';
      /** The JSON text, for the `claims` parameter of a request; '' where what was sent is none. */
      readonly claims: string;
      readonly challenge: Challenge;
    };

/** Reads the need from a Bearer or DPoP challenge only: another scheme's parameters mean something else. */
export function stepUpNeed(challenge: Challenge | undefined): StepUpNeed | undefined {
  if (challenge === undefined || (challenge.scheme !== 'bearer' && challenge.scheme !== 'dpop')) {
    return undefined;
  }
  const { error, claims, scope, acr_values: acrValues, max_age: maxAge } = challenge.params;
  if (claims) return { type: 'claims', claims: claimsIn(claims), challenge };
  if (error === 'insufficient_scope') return { type: 'scope', scope: words(scope), challenge };
  if (error !== 'insufficient_user_authentication') return undefined;
  return {
    type: 'authentication',
    acrValues: acrValues === undefined ? undefined : words(acrValues),
    // RFC 9470, section 3: seconds, non-negative
    maxAge: maxAge !== undefined && /^\d{1,9}$/.test(maxAge) ? Number(maxAge) : undefined,
    challenge,
  };
}

/** Sent in base64 or base64url, with padding or without. */
function claimsIn(sent: string): string {
  return jsonText(sent.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')) ?? '';
}

/** The first need among these challenges. */
export function firstNeed(challenges: readonly Challenge[]): StepUpNeed | undefined {
  for (const challenge of challenges) {
    const need = stepUpNeed(challenge);
    if (need !== undefined) return need;
  }
  return undefined;
}

/** The same need, however its words are ordered. */
export function needText(need: StepUpNeed): string {
  const { type } = need;
  if (type === 'claims') return `${type} ${need.claims}`;
  const names = type === 'scope' ? need.scope : (need.acrValues ?? []);
  const age = type === 'scope' ? '' : (need.maxAge ?? '');
  return [type, age, ...new Set([...names].sort())].join(' ');
}

/** What was granted before and what is asked for now: a step-up takes nothing away. */
export function scopeUnion(granted: string | undefined, asked: readonly string[]): readonly string[] {
  return [...new Set([...words(granted), ...asked])];
}

/** All that is asked for has been granted already: to ask for it again brings nothing. */
export function isGranted(granted: string | undefined, need: StepUpNeed): boolean {
  if (need.type !== 'scope' || need.scope.length === 0) return false;
  const held = words(granted);
  return need.scope.every((word) => held.includes(word));
}

/** What a delivered response is told to lack. */
export function forbiddenReason(need: StepUpNeed): ForbiddenReason {
  return `insufficient-${need.type}`;
}

function words(list: string | undefined): readonly string[] {
  return list === undefined ? [] : list.split(' ').filter((word) => word !== '');
}
