import type { HeldCredentials } from './life.js';

const FIRST_MS = 10_000;
const LONGEST_MS = 300_000;

/** Whether a refusal comes so early in the life of a replacement that another one would fare no better. */
export class Youth {
  /** How long a replacement counts as young, in milliseconds: doubles once for every token refused in it. */
  ms: number = FIRST_MS;

  /** A server took the current credentials: refusals of later ones are to be believed again. */
  reset(): void {
    this.ms = FIRST_MS;
  }

  /** A token minted in the future is not young: the clock jumped. */
  tooEarly(held: HeldCredentials, mintedAt: number | undefined, now: number): boolean {
    if (!held.bornOfRefusal || held.accepted || mintedAt === undefined) return false;
    if (mintedAt > now || now - mintedAt >= this.ms) return false;
    if (!held.refusedYoung) {
      held.refusedYoung = true;
      this.ms = Math.min(this.ms * 2, LONGEST_MS);
    }
    return true;
  }
}
