const SECOND = 1_000;
const LONGEST = 60 * SECOND;
const LONGEST_RETRY_AFTER = 300 * SECOND;
const SKEW = 5 * SECOND;

/** How long to leave a failing server alone, in milliseconds: 1 to 60 s, or its Retry-After, at most 5 min. */
export function cooldownMs(failures: number, retryAfterMs: number | undefined, random: number): number {
  if (retryAfterMs !== undefined) return Math.min(Math.max(retryAfterMs, SECOND), LONGEST_RETRY_AFTER);
  const ceiling = Math.min(LONGEST, 2 ** Math.min(failures, 6) * SECOND);
  return Math.max(SECOND, ceiling * (0.5 + random / 2));
}

/** The instant before which nothing is asked; one that no cooldown can have set is ignored. */
export function cooling(notBefore: number | undefined, now: number): number | undefined {
  // Clocks differ: what another context set to the full is not beyond it here.
  const latest = now + LONGEST_RETRY_AFTER + SKEW;
  return notBefore !== undefined && notBefore > now && notBefore <= latest ? notBefore : undefined;
}

const MINUTE = 60 * SECOND;
const BUDGET = 5;

/** The refusals of unexpired tokens that began a refresh within the last minute. */
export function recentRefusals(refusals: readonly number[] | undefined, now: number): readonly number[] {
  return refusals?.filter((at) => at > now - MINUTE && at <= now + MINUTE) ?? [];
}

/** Five refreshes a minute may begin with the refusal of an unexpired token. */
export function budgetSpent(refusals: readonly number[] | undefined, now: number): boolean {
  return recentRefusals(refusals, now).length >= BUDGET;
}
