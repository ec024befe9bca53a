import { type Attempt, type Offer, sameSpace } from './attempt.js';
import type { ForbiddenReason, Reason } from './outcome.js';

/** A refused request so far. */
export interface Exchange {
  readonly attempts: readonly Attempt[];
  /** What the schemes could do now, in the user's order. */
  readonly offers: readonly Offer[];
  /** Set where the challenge asks for more than other credentials. */
  readonly asks?: ForbiddenReason | undefined;
  /** Why the scheme that was asked had no credentials. */
  readonly absent?: Reason | undefined;
}

/** Take up this offer, or deliver for this reason. */
export type Verdict =
  | { readonly offer: Offer; readonly deliver?: undefined }
  | { readonly deliver: Reason; readonly offer?: undefined };

/** In one call a scheme is asked for no more challenges that it has nothing for. */
const MOST_EMPTY = 4;

/**
 * What to do about a refusal (RFC 9110, section 15.5.2: a repeated challenge is not answered for ever).
 * Each remedy of a scheme is taken up at most twice and step-up once, so n schemes send at most 5n + 1 times.
 * Where a scheme's credentials were refused, those after it are too weak, unless they are a fallback.
 */
export function decide({ attempts, offers, asks, absent }: Exchange): Verdict {
  const floor = refusedFirst(attempts);
  for (const offer of offers) {
    if ((offer.scheme <= floor || offer.fallback === true) && permits(attempts, offer)) return { offer };
  }
  if (absent !== undefined) return { deliver: absent };
  if (attempts.some(({ by, credentials }) => by === 'answer' && credentials === undefined)) {
    return { deliver: 'no-credentials' };
  }
  return { deliver: asks ?? (offers.length === 0 ? 'not-answerable' : 'refused-again') };
}

/** The first scheme, in the user's order, whose credentials were refused where that scheme is known. */
function refusedFirst(attempts: readonly Attempt[]): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { scheme, by, credentials, known } of attempts) {
    if (credentials !== undefined && scheme < first && (by !== undefined || known)) first = scheme;
  }
  return first;
}

/** A second replacement only if the first adopted; a second answer where the first had nothing only for another space. */
function permits(attempts: readonly Attempt[], { scheme, action, challenge }: Offer): boolean {
  let before = 0;
  let empty = 0;
  for (const attempt of attempts) {
    if (attempt.scheme !== scheme || attempt.by !== action) continue;
    if (action === 'step-up') return false;
    if (action === 'replace' && attempt.minted !== false) return false;
    if (attempt.credentials !== undefined) before++;
    else if (++empty === MOST_EMPTY || sameSpace(attempt.challenge, challenge)) return false;
  }
  return before < 2;
}
