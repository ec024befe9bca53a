import type { RequestEvent } from '../events.js';
import type { Challenge } from '../protocol/challenge.js';
import type { Call } from './call.js';
import { cleanChallenges } from './clean.js';
import type { Refusal } from './refusal.js';

type What =
  | { readonly type: 'challenged'; readonly challenges: readonly Challenge[] }
  | { readonly type: 'replayed' }
  | {
      readonly type: 'delivered';
      readonly status: number;
      readonly reason: Extract<RequestEvent, { type: 'delivered' }>['reason'];
    };

/** Tells the listener; what it throws, or rejects with, is its own affair. */
export function report(call: Call, what: What): void {
  const { observe } = call.corridor;
  if (observe === undefined) return;
  const url = /^[^?#]*/.exec(call.url)?.[0] as string;
  try {
    const told: unknown = observe({ ...what, at: Date.now(), url, method: call.method });
    if (told instanceof Promise) told.catch(() => {});
  } catch {
    // nothing
  }
}

/** Tells of a refusal; server text is cleaned only where somebody listens. */
export function reportChallenge(call: Call, { challenges }: Refusal): void {
  if (call.corridor.observe === undefined) return;
  const sent = call.keep().attempts.map(({ credentials }) => credentials);
  report(call, { type: 'challenged', challenges: cleanChallenges(challenges, sent) });
}
