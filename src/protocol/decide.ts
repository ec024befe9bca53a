import type { Attempt, Offer } from './attempt.js';
import type { ForbiddenReason, Reason, UnauthorizedReason } from './outcome.js';

/** A refused request so far. */
export interface Exchange {
  readonly attempts: readonly Attempt[];
  /** What the schemes could do now, in the user's order. */
  readonly offers: readonly Offer[];
  /** Set where the challenge asks for more than other credentials. */
  readonly asks?: ForbiddenReason | undefined;
  /** Why the scheme that was asked had no credentials. */
  readonly absent?: UnauthorizedReason | undefined;
}

/** Take up this offer, or deliver for this reason. */
export type Verdict =
  | { readonly offer: Offer; readonly deliver?: undefined }
  | { readonly deliver: Reason; readonly offer?: undefined };

/**
 * What to do about a refusal (RFC 9110, section 15.5.2: a repeated challenge is not answered for ever).
 * Each remedy of a scheme is taken up at most twice and step-up once, so n schemes send at most 5n + 1 times.
 */
export function decide({ attempts, offers, asks, absent }: Exchange): Verdict {
  for (const offer of offers) if (permits(attempts, offer)) return { offer };
  if (attempts.some(({ by, credentials }) => by === 'answer' && credentials === undefined)) {
    return { deliver: absent ?? 'no-credentials' };
  }
  return { deliver: asks ?? (offers.length === 0 ? 'not-answerable' : 'refused-again') };
}

/** A second replacement only if the first adopted; a second answer only if the first had credentials. */
function permits(attempts: readonly Attempt[], offer: Offer): boolean {
  let before = 0;
  for (const attempt of attempts) {
    if (attempt.scheme !== offer.scheme || attempt.by !== offer.action) continue;
    before++;
    if (offer.action === 'step-up') return false;
    if (offer.action === 'replace' && attempt.minted !== false) return false;
    if (offer.action === 'answer' && attempt.credentials === undefined) return false;
  }
  return before < 2;
}
