import type { Family } from './families.js';
import type { World } from './world.js';

const minute = 60_000;
const budget = 5;

/** How often the provider is asked. */
export class Rates {
  readonly #rotations = new Map<number, number[]>();
  readonly #explicit: number[] = [];
  readonly #posts = new Map<number, number[]>();
  readonly #derived = new Map<string, number[]>();
  readonly #stepUps = new Map<number, number[]>();
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
    const { now } = this.#world.scheduler;
    const rotations = recent(this.#rotations, family.number, now);
    const explicit = this.#explicit.filter((at) => at > now - minute - 30_000).length;
    // Contexts that cannot see each other's writes, or whose clocks are apart, each have the budget.
    const { settings } = this.#world;
    const alone =
      settings.store === 'text' ||
      settings.skewMs > 1_000 ||
      Object.keys(settings.rates).some((fault) => /^(load|save|turn|rotation)/.test(fault)) ||
      settings.upheavals.some((upheaval) => upheaval !== 'refuseAll' && upheaval !== 'providerDown');
    const first = settings.service ? 1 : 0;
    // One more: what is counted is when the provider rotated, not when the refusal came.
    const limit = 1 + (budget + this.#ranOut + first) * (alone ? settings.contexts : 1) + explicit;
    if (rotations.length > limit) {
      this.#violate(
        `family ${family.number} was refreshed ${rotations.length} times in a minute (limit ${limit})`,
      );
    }
  }

  /** How often a token may run out in a minute. */
  get #ranOut(): number {
    const { life } = this.#world.settings;
    return life === 0 ? 0 : minute / 1_000 / (life * 0.75) + 1;
  }

  /** What is derived is kept in memory: each context has the budget. */
  derived(context: number, family: Family, target: string): void {
    const { settings, scheduler } = this.#world;
    const mints = recent(this.#derived, `${context} ${family.number} ${target}`, scheduler.now);
    // By a clock that jumps any token has run out; an answer that is lost is asked for three times.
    const times = settings.upheavals.includes('clockJump') || settings.rates.rotationIsLost ? 3 : 1;
    const limit = times * (2 + budget + this.#ranOut);
    if (mints.length > limit)
      this.#violate(`context ${context} derived ${mints.length} tokens for ${target} in a minute`);
  }

  steppedUp(context: number): void {
    const asked = recent(this.#stepUps, context, this.#world.scheduler.now);
    if (asked.length > budget && !this.#world.settings.upheavals.includes('clockJump'))
      this.#violate(`context ${context} stepped up ${asked.length} times in a minute`);
  }
}

function recent<K>(of: Map<K, number[]>, key: K, now: number): number[] {
  const times = (of.get(key) ?? []).filter((at) => at > now - minute);
  times.push(now);
  of.set(key, times);
  return times;
}
