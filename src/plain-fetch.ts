import type { FetchLike } from './types.js';

/** Where a corridor keeps the way to the fetch below it; registered, so that two copies of the package agree. */
export const plainFetchKey: unique symbol = Symbol.for('latchkey.plain-fetch');

/** The fetch below every corridor: a refresh must not go through what waits for it. */
export function plainFetch(fetch: FetchLike): FetchLike {
  let below = fetch;
  for (;;) {
    const next = (below as { [plainFetchKey]?: () => FetchLike })[plainFetchKey];
    if (next === undefined) return below;
    below = next();
  }
}

/** Brands a corridor; `below` gives the fetch under it at the time of asking. */
export function brandCorridor<F extends FetchLike>(corridor: F, below: () => FetchLike): F {
  return Object.defineProperty(corridor, plainFetchKey, { value: below });
}
