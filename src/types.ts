/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Accepts any fetch (a lambda too: `typeof fetch` would demand Bun's `preconnect`). */
export type FetchLike = (
  input: Parameters<typeof globalThis.fetch>[0],
  init?: Parameters<typeof globalThis.fetch>[1],
) => Promise<Response>;
