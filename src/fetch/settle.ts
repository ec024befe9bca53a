import { andThen, isPromise, unlessAborted } from '../promise.js';
import { type Attempt, lastSent, sameCredentials } from '../protocol/attempt.js';
import { decide } from '../protocol/decide.js';
import type { UnauthorizedReason } from '../protocol/outcome.js';
import type { MaybePromise } from '../types.js';
import type { Call } from './call.js';
import { cleanChallenges } from './clean.js';
import { deliver, deliverOneShot } from './deliver.js';
import { type Found, find } from './find.js';
import { offersOf } from './offers.js';
import { whereRefused } from './place.js';
import { Refusal } from './refusal.js';
import { isPlainlyTaken, isRefused } from './refused.js';
import { report } from './report.js';
import { isSpent } from './spent.js';
import { transmit } from './transmit.js';

/** The response, where it is taken; otherwise what becomes of it. */
export function check(call: Call, response: Response): MaybePromise<Response> {
  if (isPlainlyTaken(call, response)) return response;
  const refused = isRefused(call, response);
  if (refused === false) return response;
  return andThen(taken(response, refused), (next) => (next instanceof Refusal ? settle(call, next) : next));
}

// no frame holds the response while something is waited for: the refusal does, and can let it go
function taken(response: Response, refused: MaybePromise<boolean>): MaybePromise<Response | Refusal> {
  return andThen(refused, (is) => (is ? new Refusal(response) : response));
}

/** A refused request's way: decide, find other credentials, send again; until it is taken or delivered. */
async function settle(call: Call, first: Refusal): Promise<Response> {
  const { corridor } = call;
  const rest = call.keep();
  const { attempts } = rest;
  let refusal = first;
  attempts.push({ scheme: call.sent === undefined ? -1 : call.via, by: undefined, credentials: call.sent });
  for (;;) {
    const { challenges, asks } = refusal;
    // along redirects that are followed by hand a scheme may have written others
    const last = attempts.pop() as Attempt;
    attempts.push({ ...last, credentials: call.sent ?? last.credentials });
    if (!rest.unauthorized && asks === undefined && offersOf(call, challenges).length === 0) {
      return refusal.response as Response;
    }
    report(call, () => ({ type: 'challenged', challenges: cleanChallenges(challenges, attempts) }));
    const elsewhere = whereRefused(call, refusal.response as Response);
    if (elsewhere !== undefined) return deliver(call, refusal, elsewhere);

    let absent: UnauthorizedReason | undefined;
    let sending: Promise<Response | Refusal> | undefined;
    while (sending === undefined) {
      const { offer, deliver: reason } = decide({
        attempts,
        offers: offersOf(call, challenges),
        asks,
        absent,
      });
      if (offer === undefined) return deliver(call, refusal, reason);
      const spent = isSpent(call);
      if (spent === true || (spent !== false && (await spent))) return deliverOneShot(call, refusal, offer);

      const { scheme, action: by } = offer;
      const refused = lastSent(attempts, scheme);
      let found: MaybePromise<Found>;
      try {
        found = find(call, offer, refused, call.signal);
        if (isPromise(found)) {
          // what is still being uploaded must not use up what the replay needs
          rest.payload?.supersede();
          refusal.free();
          found = await unlessAborted(found, call.signal);
        }
      } catch (error) {
        rest.stop(refusal.free());
        throw error;
      }
      if ('undelivered' in found) {
        if (refusal.response === undefined) rest.end(refusal.free());
        return deliver(call, refusal, found.undelivered);
      }
      const { credentials, minted } = found;
      if (credentials && refused && sameCredentials(credentials, refused)) {
        return deliver(call, refusal, 'refused-again');
      }
      attempts.push({ scheme, by, credentials, minted });
      if (credentials === undefined) {
        absent = corridor.schemes[scheme]?.absent;
        continue;
      }
      call.via = scheme;
      rest.stop(refusal.free());
      report(call, () => ({ type: 'replayed' }));
      sending = transmit(call, credentials).then((response) => taken(response, isRefused(call, response)));
    }
    const next = await sending;
    if (!(next instanceof Refusal)) return next;
    refusal = next;
  }
}
