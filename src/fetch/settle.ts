import { isPromise, unlessAborted } from '../promise.js';
import { type Attempt, lastSent, sameCredentials } from '../protocol/attempt.js';
import type { Credentials } from '../protocol/credentials.js';
import { decide } from '../protocol/decide.js';
import type { UnauthorizedReason } from '../protocol/outcome.js';
import type { MaybePromise } from '../types.js';
import type { Call } from './call.js';
import { deliver, deliverOneShot } from './deliver.js';
import { type Found, find } from './find.js';
import { offersOf } from './offers.js';
import { whereRefused } from './place.js';
import { Refusal } from './refusal.js';
import { isPlainlyTaken, isRefused } from './refused.js';
import { report, reportChallenge } from './report.js';
import { isSpent } from './spent.js';
import { transmit } from './transmit.js';

/** The response, where it is taken; otherwise what becomes of it. */
export function check(call: Call, response: Response): Response | Promise<Response> {
  if (isPlainlyTaken(call, response)) return response;
  const refused = isRefused(call, response);
  if (refused === false) return response;
  // no frame holds the response while something is waited for: the refusal does, and can let it go
  if (refused === true) return settle(call, new Refusal(response));
  return refused.then((is) => (is ? settle(call, new Refusal(response)) : response));
}

/** A refused request's way: decide, find other credentials, send again; until it is taken or delivered. */
async function settle(call: Call, first: Refusal): Promise<Response> {
  const { schemes } = call.corridor;
  const rest = call.keep();
  const { attempts } = rest;
  let refusal = first;
  attempts.push({ scheme: call.sent === undefined ? -1 : call.via, by: undefined, credentials: call.sent });
  for (;;) {
    const { challenges, asks } = refusal;
    renew(attempts, call.sent);
    if (!rest.unauthorized && asks === undefined && offersOf(call, challenges).length === 0) {
      return refusal.response as Response;
    }
    reportChallenge(call, refusal);
    const elsewhere = whereRefused(call, refusal.response as Response);
    if (elsewhere !== undefined) return deliver(call, refusal, elsewhere);

    let absent: UnauthorizedReason | undefined;
    let sending: Promise<Response | Refusal> | undefined;
    while (sending === undefined) {
      const verdict = decide({ attempts, offers: offersOf(call, challenges), asks, absent });
      const { offer } = verdict;
      if (offer === undefined) return deliver(call, refusal, verdict.deliver);
      const spent = isSpent(call);
      if (spent === true || (spent !== false && (await spent))) return deliverOneShot(call, refusal, offer);

      const refused = lastSent(attempts, offer.scheme);
      let found: MaybePromise<Found>;
      try {
        found = find(call, offer, refused);
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
      if (credentials === undefined) {
        absent = schemes[offer.scheme]?.absent;
        attempts.push({ scheme: offer.scheme, by: offer.action, credentials });
        continue;
      }
      if (refused !== undefined && sameCredentials(credentials, refused)) {
        return deliver(call, refusal, 'refused-again');
      }
      attempts.push({ scheme: offer.scheme, by: offer.action, credentials, minted });
      call.via = offer.scheme;
      rest.stop(refusal.free());
      report(call, { type: 'replayed' });
      sending = transmit(call, credentials).then((response) => take(call, response));
    }
    const next = await sending;
    if (!(next instanceof Refusal)) return next;
    refusal = next;
  }
}

function take(call: Call, response: Response): MaybePromise<Response | Refusal> {
  const refused = isRefused(call, response);
  if (refused === false) return response;
  return refused === true
    ? new Refusal(response)
    : refused.then((is) => (is ? new Refusal(response) : response));
}

/** Along redirects that are followed by hand a scheme may have written others. */
function renew(attempts: Attempt[], sent: Credentials | undefined): void {
  const last = attempts[attempts.length - 1] as Attempt;
  if (sent !== undefined && last.credentials !== sent) {
    attempts[attempts.length - 1] = { ...last, credentials: sent };
  }
}
