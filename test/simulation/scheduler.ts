import type { Random } from './random.js';

/** What belongs to no context: the provider, the resource, the place where the record rests. */
export const world = -1;
const drainMicrotasks = globalThis.setImmediate;

interface Entry {
  at: number;
  tie: number;
  readonly owner: number;
  readonly run: () => void;
  /** Timers that are overdue when a process goes on fire in the order in which they were due. */
  readonly isTimer: boolean;
  cancelled: boolean;
}

/**
 * Virtual time. Steps of the same instant run in an order that the seed decides; between two steps all
 * microtasks run. Timers set while a step runs belong to its owner, so that one context can be paused or killed.
 */
export class Scheduler {
  now = 1_900_000_000_000;
  steps = 0;
  owner = world;
  readonly #heap: Entry[] = [];
  readonly #pausedUntil = new Map<number, number>();
  /** The last of the timers that wait for a process to go on. */
  readonly #overdue = new Map<number, { readonly at: number; readonly tie: number }>();
  readonly #killed = new Set<number>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  at(delayMs: number, owner: number, run: () => void, isTimer = false): Entry {
    const at = this.now + Math.max(0, delayMs || 0);
    const isLast = isTimer && this.#overdue.get(owner)?.at === at;
    const tie = isLast ? this.#lastTie(owner, at) : this.#random.next();
    const entry: Entry = { at, tie, owner, run, isTimer, cancelled: false };
    this.#push(entry);
    return entry;
  }

  pause(owner: number, forMs: number): void {
    this.#pausedUntil.set(owner, this.now + forMs);
  }

  isKilled(owner: number): boolean {
    return this.#killed.has(owner);
  }

  isPaused(owner: number): boolean {
    return (this.#pausedUntil.get(owner) ?? 0) > this.now;
  }

  kill(owner: number): void {
    this.#killed.add(owner);
  }

  /** Runs as `owner` now, inside the step that is running. */
  as<T>(owner: number, run: () => T): T {
    const before = this.owner;
    this.owner = owner;
    try {
      return run();
    } finally {
      this.owner = before;
    }
  }

  /** Runs steps until virtual time `until`, or until `done` says so. */
  async run(until: number, done: () => boolean = () => false): Promise<void> {
    for (;;) {
      const entry = this.#heap[0];
      if (!entry || entry.at > until || done()) break;
      this.#pop();
      if (entry.cancelled || this.#killed.has(entry.owner)) continue;
      const resumesAt = this.#pausedUntil.get(entry.owner) ?? 0;
      if (resumesAt > entry.at) {
        entry.at = resumesAt;
        entry.tie = entry.isTimer ? this.#lastTie(entry.owner, resumesAt) : this.#random.next();
        this.#push(entry);
        continue;
      }
      this.now = Math.max(this.now, entry.at);
      this.owner = entry.owner;
      this.steps++;
      entry.run();
      await new Promise<void>((resolve) => drainMicrotasks(resolve));
      this.owner = world;
    }
    if (!done()) this.now = Math.max(this.now, until);
  }

  #lastTie(owner: number, at: number): number {
    const last = this.#overdue.get(owner);
    const before = last?.at === at ? last.tie : 0;
    const tie = before + (1 - before) * 0.3 * this.#random.next();
    this.#overdue.set(owner, { at, tie });
    return tie;
  }

  #before(a: Entry, b: Entry): boolean {
    return a.at < b.at || (a.at === b.at && a.tie < b.tie);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!this.#before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      const below = heap[child] as Entry;
      if (!this.#before(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}
