import { world } from './scheduler.js';
import type { World } from './world.js';

const pollMs = 2_000;

/** How contexts hear that the record may have changed. */
export class Channel {
  readonly #listeners = new Map<number, Set<() => void>>();
  /** Cut off from the channel until then: what is said meanwhile is lost, and a reconnect tells. */
  readonly #deafUntil = new Map<number, number>();
  readonly #polls = new Set<number>();
  readonly #world: World;

  constructor(of: World) {
    this.#world = of;
  }

  get watchers(): number {
    let count = 0;
    for (const listeners of this.#listeners.values()) count += listeners.size;
    return count;
  }

  watch(context: number, listener: () => void): () => void {
    const listeners = this.#listeners.get(context) ?? new Set();
    this.#listeners.set(context, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Tells the listeners of one context, or of all, whether or not anything changed. */
  tell(to?: number): void {
    for (const context of this.#listeners.keys()) if (to === undefined || to === context) this.#send(context);
  }

  /** Something was written. */
  published(): void {
    for (const context of this.#listeners.keys()) {
      if (this.#world.settings.store === 'file') this.#poll(context);
      else this.#send(context);
    }
  }

  /** The lease is free: who hears it asks at once. */
  released(): void {
    const { place, scheduler, faults } = this.#world;
    for (const context of this.#listeners.keys()) {
      if (this.#hears(context) && !faults.hits('noticeIsLost'))
        scheduler.at(faults.latency(), context, () => place.woken(context));
    }
  }

  /** Every connection is cut, and made anew a while later. */
  cut(): void {
    for (const context of this.#listeners.keys()) this.#cut(context);
  }

  #cut(context: number): void {
    const { scheduler, random } = this.#world;
    const forMs = random.pick([250, 500, 2_000, 15_000]);
    this.#deafUntil.set(context, scheduler.now + forMs);
    // After every connect: what was said before it is lost.
    scheduler.at(forMs, world, () => {
      if ((this.#deafUntil.get(context) ?? 0) <= scheduler.now) this.#deliver(context, 0);
    });
  }

  #hears(context: number): boolean {
    return (this.#deafUntil.get(context) ?? 0) <= this.#world.scheduler.now;
  }

  #send(context: number): void {
    const { faults } = this.#world;
    if (faults.hits('channelBreaks')) this.#cut(context);
    if (!this.#hears(context) || faults.hits('noticeIsLost')) return;
    this.#deliver(context, faults.hits('noticeIsLate') ? faults.long() : 0);
    if (faults.hits('noticeIsRepeated')) this.#deliver(context, faults.long());
  }

  #deliver(context: number, lateMs: number): void {
    const { scheduler, faults } = this.#world;
    for (const listener of this.#listeners.get(context) ?? [])
      scheduler.at(faults.latency() + lateMs, context, listener);
  }

  /** Whoever looks at a file every two seconds sees many changes as one. */
  #poll(context: number): void {
    if (this.#polls.has(context)) return;
    this.#polls.add(context);
    const { scheduler } = this.#world;
    scheduler.at(pollMs - ((scheduler.now + context * 477) % pollMs), world, () => {
      this.#polls.delete(context);
      this.#deliver(context, 0);
    });
  }
}
