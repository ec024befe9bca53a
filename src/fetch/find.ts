import { after } from '../promise.js';
import type { Offer } from '../protocol/attempt.js';
import type { Credentials } from '../protocol/credentials.js';
import type { Reason } from '../protocol/outcome.js';
import type { MaybePromise } from '../types.js';
import type { Call } from './call.js';

/** What came of an offer: credentials to send, none, or a reason to deliver. */
export type Found =
  | { readonly credentials: Credentials | undefined; readonly minted?: boolean | undefined }
  | { readonly undelivered: Reason };

/** Takes an offer up; synchronous where the scheme is. */
export function find(call: Call, offer: Offer, refused: Credentials | undefined): MaybePromise<Found> {
  const scheme = call.corridor.schemes[offer.scheme];
  const target = call.keep().target(offer.scheme);
  if (offer.action !== 'answer') {
    return (
      scheme?.replace?.(refused ?? {}, target, offer.challenge, call.signal ?? undefined) ?? {
        undelivered: 'not-answerable',
      }
    );
  }
  return after(scheme?.credentials(target, offer.challenge), (credentials) => ({ credentials }));
}
