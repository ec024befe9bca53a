import { isPromise, unlessAborted } from '../promise.js';
import { lastSent, type Offer, sameCredentials } from '../protocol/attempt.js';
import type { Challenge } from '../protocol/challenge.js';
import type { Credentials } from '../protocol/credentials.js';
import { decide } from '../protocol/decide.js';
import type { Reason } from '../protocol/outcome.js';
import type { MaybePromise } from '../types.js';
import type { Call } from './call.js';
import { cleanChallenges } from './clean.js';
import { deliver, deliverOneShot } from './deliver.js';
import { type Found, find } from './find.js';
import { isKnown, offersOf } from './offers.js';
import { whereRefused } from './place.js';
import { Refusal } from './refusal.js';
import { forget, isPlainlyTaken, isRefused } from './refused.js';
import { report } from './report.js';
import type { Rest } from './rest.js';
import { isSpent } from './spent.js';
import { transmit } from './transmit.js';

/** The response, where it is taken; otherwise what becomes of it. */
export function check(call: Call, response: Response): MaybePromise<Response> {
  const next = take(call, response);
  if (next === response) return response;
  return next instanceof Refusal
    ? settle(call, next)
    : (next as Promise<Response | Refusal>).then((then) =>
        then instanceof Refusal ? settle(call, then) : then,
      );
}

// no frame holds the response while something is waited for: the refusal does, and can let it go
function take(call: Call, response: Response): MaybePromise<Response | Refusal> {
  if (isPlainlyTaken(call, response)) return response;
  const refused = isRefused(call, response);
  const taken = (is: boolean) => (is ? new Refusal(response) : response);
  return typeof refused === 'boolean' ? taken(refused) : refused.then(taken);
}

/** A refused request's way: decide, find other credentials, send again; until it is taken or delivered. */
function settle(call: Call, refusal: Refusal): Promise<Response> {
  const rest = call.keep();
  const { challenges, asks } = refusal;
  noteSent(call, rest, challenges);
  if (!rest.unauthorized && asks === undefined && offersOf(call, challenges).length === 0) {
    return Promise.resolve(refusal.response as Response);
  }
  if (call.corridor.observe) {
    report(call, { type: 'challenged', challenges: cleanChallenges(challenges, rest.attempts) });
  }
  const elsewhere = whereRefused(call, refusal.response as Response);
  return elsewhere === undefined ? choose(call, refusal, undefined) : deliver(call, refusal, elsewhere);
}

/** `absent`: why the scheme that was asked last had no credentials. */
function choose(call: Call, refusal: Refusal, absent: Reason | undefined): Promise<Response> {
  const { challenges, asks } = refusal;
  const offers = offersOf(call, challenges);
  const verdict = decide({ attempts: call.keep().attempts, offers, asks, absent });
  const { offer } = verdict;
  if (offer === undefined) {
    forget(call);
    return deliver(call, refusal, verdict.deliver);
  }
  const spent = isSpent(call);
  if (spent === false) return takeUp(call, refusal, offer);
  const once = (is: boolean) => (is ? deliverOneShot : takeUp)(call, refusal, offer);
  return spent === true ? once(true) : spent.then(once);
}

/** The refused response is set aside while other credentials are waited for. */
function takeUp(call: Call, refusal: Refusal, offer: Offer): Promise<Response> {
  const rest = call.keep();
  const refused = lastSent(rest.attempts, offer.scheme);
  const fail = (error: unknown) => {
    rest.stop(refusal.free());
    throw error;
  };
  let found: MaybePromise<Found>;
  try {
    found = find(call, offer, refused, call.signal);
  } catch (error) {
    return Promise.resolve(error).then(fail);
  }
  if (!isPromise(found)) return sendAgain(call, refusal, offer, refused, found);
  // what is still being uploaded must not use up what the replay needs
  rest.payload?.supersede();
  refusal.free();
  const then = (found: Found) => sendAgain(call, refusal, offer, refused, found);
  return unlessAborted(found, call.signal).then(then, rest.payload || rest.brake ? fail : undefined);
}

function sendAgain(
  call: Call,
  refusal: Refusal,
  { scheme, action: by, challenge }: Offer,
  refused: Credentials | undefined,
  found: Found,
): Promise<Response> {
  const { schemes, observe } = call.corridor;
  const rest = call.keep();
  const why = whyNot(found, refused);
  if (why !== undefined) {
    if ('undelivered' in found && refusal.response === undefined) rest.end(refusal.free());
    if (schemes.length === 1 && refusal.challenges.length < 2) return deliver(call, refusal, why);
    // another scheme or challenge may be left
    rest.attempts = rest.attempts.concat({ scheme, by, credentials: undefined, minted: true, challenge });
    return choose(call, refusal, why);
  }
  const { credentials, minted } = found as Extract<Found, { credentials: unknown }>;
  rest.attempts = rest.attempts.concat({ scheme, by, credentials, minted, challenge });
  if (credentials === undefined) return choose(call, refusal, schemes[scheme]?.absent);
  call.via = scheme;
  rest.stop(refusal.free());
  if (observe) report(call, { type: 'replayed' });
  return transmit(call, credentials).then((response) => check(call, response));
}

/** Why there is nothing to send: the scheme says so, or what it has was refused. */
function whyNot(found: Found, refused: Credentials | undefined): Reason | undefined {
  if ('undelivered' in found) return found.undelivered;
  const { credentials } = found;
  return credentials && refused && sameCredentials(credentials, refused) ? 'refused-again' : undefined;
}

/** What was sent: along redirects that are followed by hand a scheme may have written others than it was asked for. */
function noteSent(call: Call, rest: Rest, challenges: readonly Challenge[]): void {
  const { sent, via, corridor } = call;
  const last = rest.attempts[rest.attempts.length - 1];
  if (last === undefined) {
    const known = sent !== undefined && corridor.schemes.length > 1 && isKnown(call, challenges);
    rest.attempts = [{ scheme: sent === undefined ? -1 : via, by: undefined, credentials: sent, known }];
  } else if (sent !== undefined && sent !== last.credentials) {
    rest.attempts = rest.attempts.slice(0, -1).concat({ ...last, credentials: sent });
  }
}
