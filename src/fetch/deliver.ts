import { NotReplayableError } from '../errors.js';
import { isPromise, unlessAborted } from '../promise.js';
import type { Offer } from '../protocol/attempt.js';
import type { Reason } from '../protocol/outcome.js';
import type { Call } from './call.js';
import { cleanChallenges } from './clean.js';
import { setFacts } from './facts.js';
import { findBeside } from './find.js';
import { setOutcome } from './outcome.js';
import type { Refusal } from './refusal.js';
import { report } from './report.js';

/** Hands the refused response to the caller, and keeps why. */
export async function deliver(call: Call, refusal: Refusal, reason: Reason): Promise<Response> {
  const { attempts, sendings } = call.keep();
  const response = await refusal.whole(call.signal);
  const challenges = cleanChallenges(refusal.challenges, attempts);
  setFacts(challenges, call, refusal.at);
  setOutcome(response, {
    reason,
    challenges,
    signInRequired: /^(?:signed-out|session-ended|no-refresh-token)$/.test(reason),
    sendings,
  });
  report(call, { type: 'delivered', status: refusal.status, reason });
  return response;
}

/** A body that can be sent only once: this call is not repeated, but the next one shall have other credentials. */
export function deliverOneShot(call: Call, refusal: Refusal, offer: Offer): Promise<Response> {
  // A step-up is not asked for beside: the caller is told what is needed.
  const asks = offer.action === 'step-up' ? refusal.asks : undefined;
  const tell = (reason: Reason | undefined): Promise<Response> => {
    if (reason !== undefined || !call.corridor.throwsOneShot)
      return deliver(call, refusal, reason ?? asks ?? 'one-shot');
    refusal.free();
    return Promise.reject(new NotReplayableError());
  };
  const found = findBeside(call, offer);
  return isPromise(found) ? unlessAborted(found, call.signal).then(tell) : tell(found);
}
