/** As FetchLike of types.ts: this file stands below everything and imports nothing. */
type FetchLike = (
  input: Parameters<typeof globalThis.fetch>[0],
  init?: Parameters<typeof globalThis.fetch>[1],
) => Promise<Response>;

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
