import { NotReplayableError } from '../errors.js';
import { lastSent, type Offer } from '../protocol/attempt.js';
import type { Reason } from '../protocol/outcome.js';
import type { Call } from './call.js';
import { cleanChallenges } from './clean.js';
import { setOutcome } from './outcome.js';
import type { Refusal } from './refusal.js';
import { report } from './report.js';

/** Hands the refused response to the caller, and keeps why. */
export async function deliver(call: Call, refusal: Refusal, reason: Reason): Promise<Response> {
  const { attempts, sendings } = call.keep();
  const { status } = refusal;
  const response = await refusal.whole(call.signal);
  const challenges = cleanChallenges(
    refusal.challenges,
    attempts.map(({ credentials }) => credentials),
  );
  const signInRequired =
    reason === 'signed-out' || reason === 'session-ended' || reason === 'no-refresh-token';
  setOutcome(response, { reason, challenges, signInRequired, sendings });
  report(call, { type: 'delivered', status, reason });
  return response;
}

/** A body that can be sent only once: this call is not repeated, but the next one shall have other credentials. */
export function deliverOneShot(call: Call, refusal: Refusal, offer: Offer): Promise<Response> {
  const reason = beside(call, offer);
  if (reason === undefined && call.corridor.throwsOneShot) {
    refusal.free();
    return Promise.reject(new NotReplayableError());
  }
  return deliver(call, refusal, reason ?? 'one-shot');
}

/** Begins the replacement without waiting for it; a reason where it is known at once that there is none. */
function beside(call: Call, { scheme: index, action, challenge }: Offer): Reason | undefined {
  const { attempts, target } = { attempts: call.keep().attempts, target: call.keep().target(index) };
  const scheme = call.corridor.schemes[index];
  const refused = lastSent(attempts, index);
  try {
    if (action === 'replace' && refused !== undefined) {
      const replaced = scheme?.replace?.(refused, target, challenge);
      if (replaced instanceof Promise) replaced.catch(() => {});
      else if (replaced !== undefined && 'undelivered' in replaced) return replaced.undelivered;
    }
    if (action === 'answer' && scheme?.absent !== undefined) {
      const found = scheme.credentials(target, challenge);
      if (found instanceof Promise) found.catch(() => {});
      else if (found === undefined) return scheme.absent;
    }
  } catch {
    // the next call meets it again
  }
  return undefined;
}
