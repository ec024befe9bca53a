import type { Family } from './provider.js';
import type { World } from './world.js';

const minute = 60_000;
const budget = 5;

/** How often the provider is asked. */
export class Rates {
  readonly #rotations = new Map<number, number[]>();
  readonly #explicit: number[] = [];
  readonly #posts = new Map<number, number[]>();
  readonly #world: World;
  readonly #violate: (what: string) => void;
  /** The most posts of one context in a minute. */
  most = 0;

  constructor(of: World, violate: (what: string) => void) {
    this.#world = of;
    this.#violate = violate;
  }

  /** Somebody asked for new tokens, whatever is held. */
  asked(): void {
    this.#explicit.push(this.#world.scheduler.now);
  }

  posted(context: number): void {
    const posts = recent(this.#posts, context, this.#world.scheduler.now);
    this.most = Math.max(this.most, posts.length);
  }

  /** Five a minute that refusals began, one each time a token ran out, and what was asked for. */
  rotated(family: Family): void {
    const { settings, scheduler } = this.#world;
    const { now } = scheduler;
    const rotations = recent(this.#rotations, family.number, now);
    const explicit = this.#explicit.filter((at) => at > now - minute - 30_000).length;
    const ranOut = settings.life === 0 ? 0 : minute / 1_000 / (settings.life * 0.75) + 1;
    // Contexts that cannot see each other's writes, or whose clocks are apart, each have the budget.
    const alone =
      settings.store === 'text' ||
      settings.skewMs > 1_000 ||
      Object.keys(settings.rates).some((fault) => /^(load|save|turn|rotation)/.test(fault)) ||
      settings.upheavals.some((upheaval) => upheaval !== 'refuseAll' && upheaval !== 'providerDown');
    const first = settings.service ? 1 : 0;
    // One more: what is counted is when the provider rotated, not when the refusal came.
    const limit = 1 + (budget + ranOut + first) * (alone ? settings.contexts : 1) + explicit;
    if (rotations.length > limit) {
      this.#violate(
        `family ${family.number} was refreshed ${rotations.length} times in a minute (limit ${limit})`,
      );
    }
  }
}

function recent(of: Map<number, number[]>, key: number, now: number): number[] {
  const times = (of.get(key) ?? []).filter((at) => at > now - minute);
  times.push(now);
  of.set(key, times);
  return times;
}
