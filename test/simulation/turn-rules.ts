import { world } from './scheduler.js';
import type { Turn } from './turns.js';
import type { World } from './world.js';

const longestTurnMs = 60_000;

/** One turn at a time, and none for long. */
export class TurnRules {
  readonly #world: World;
  readonly #violate: (what: string) => void;

  constructor(of: World, violate: (what: string) => void) {
    this.#world = of;
    this.#violate = violate;
  }

  /** A context asks for a turn; `unfinished`: others that it asked for before. */
  asked(turn: Turn, unfinished: readonly Turn[]): void {
    const { service, more, upheavals } = this.#world.settings;
    // What is derived or stepped up to takes turns of its own.
    if (service || more || upheavals.includes('pause')) return;
    const same = unfinished.filter((other) => other.disturbances === turn.disturbances);
    if (same.length === 0) return;
    // In a step of its own: who was told the outcome may ask before the turn has ended.
    this.#world.scheduler.at(0, world, () => {
      // One that was cut off is kept while its answer is saved.
      const running = same.filter((other) => !other.over && !other.signal.aborted);
      const { now } = this.#world.scheduler;
      if (turn.over || running.every((other) => other.startedAt > 0 && now - other.startedAt >= 29_900))
        return;
      this.#violate(`context ${turn.context} refreshes twice at once`);
    });
  }

  ended(context: number, afterMs: number): void {
    if (afterMs > longestTurnMs && !this.#world.settings.upheavals.includes('pause')) {
      this.#violate(`a turn of context ${context} took ${afterMs} ms`);
    }
  }
}
