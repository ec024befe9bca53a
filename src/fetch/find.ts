import { andThen, isPromise } from '../promise.js';
import { lastSent, type Offer } from '../protocol/attempt.js';
import type { Credentials } from '../protocol/credentials.js';
import type { Reason } from '../protocol/outcome.js';
import { sessionCore } from '../protocol/session-core.js';
import { endsWithRequest } from '../shared-work.js';
import type { MaybePromise } from '../types.js';
import type { Call } from './call.js';

/** What came of an offer: credentials to send, none, or a reason to deliver. */
export type Found =
  | { readonly credentials: Credentials | undefined; readonly minted?: boolean | undefined }
  | { readonly undelivered: Reason };

/** Takes an offer up; synchronous where the scheme is. */
export function find(
  call: Call,
  { scheme: index, action, challenge }: Offer,
  refused: Credentials | undefined,
  signal?: AbortSignal | null,
): MaybePromise<Found> {
  const scheme = call.corridor.schemes[index];
  const target = call.keep().target(index);
  if (action === 'answer') {
    return andThen(scheme?.credentials(target, challenge), (credentials) => ({ credentials }));
  }
  const replaced = scheme?.replace?.(refused ?? {}, target, challenge, signal ?? undefined);
  return replaced ?? { undelivered: 'not-answerable' };
}

/**
 * Takes it up for the next call, without waiting; a reason where it is known at once that there is nothing. Only a
 * session is asked for an answer: others may ask their user. Where work ends with its request, it is waited for.
 */
export function findBeside(call: Call, offer: Offer): MaybePromise<Reason | undefined> {
  const { scheme, action } = offer;
  const { absent, [sessionCore]: core } = call.corridor.schemes[scheme] ?? {};
  const refused = lastSent(call.keep().attempts, scheme);
  if (action === 'step-up' || (action === 'replace' ? refused : absent) === undefined) return undefined;
  try {
    const found = find(call, offer, refused);
    if (isPromise(found)) {
      const ended = found.then(nothing, nothing);
      if (!(core?.worksBeside ?? !endsWithRequest())) return ended;
    } else if ('undelivered' in found) return found.undelivered;
    else if (found.credentials === undefined) return absent;
  } catch {
    // the next call meets it again
  }
  return undefined;
}

function nothing(): undefined {}
