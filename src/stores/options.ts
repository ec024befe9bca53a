/** How long a server may take to answer, in milliseconds; a session waits no longer than 3 s. */
export const ANSWER_MS = 10_000;

const LEASE_MS = 30_000;
const SHORTEST_LEASE_MS = 100;
const LONGEST_LEASE_MS = 3_600_000;

/** @throws TypeError where the key or the lease cannot be used. */
export function leaseMsOf(
  key: string,
  options: { readonly leaseMs?: number | undefined } | undefined,
): number {
  if (typeof key !== 'string' || key === '') throw new TypeError('key: must be a text that is not empty');
  const { leaseMs = LEASE_MS } = options ?? {};
  if (!(leaseMs >= SHORTEST_LEASE_MS && leaseMs <= LONGEST_LEASE_MS))
    throw new TypeError('leaseMs: must be from 100 to 3,600,000 milliseconds');
  return Math.round(leaseMs);
}
