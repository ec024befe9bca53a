import type { SessionRecord } from '../../src/protocol/record.js';
import type { TokenStore } from '../../src/session/store.js';
import type { MaybePromise } from '../../src/types.js';
import { world } from './scheduler.js';
import { TurnQueue } from './turns.js';
import type { World } from './world.js';

/** Where the record rests; several contexts hold handles of it. */
export class Place {
  record: SessionRecord | undefined;
  readonly turns: TurnQueue;
  readonly #listeners = new Map<number, Set<() => void>>();
  readonly #world: World;

  constructor(of: World) {
    this.#world = of;
    this.turns = new TurnQueue(of);
  }

  handle(context: number): TokenStore {
    const { settings } = this.#world;
    let first = true;
    const store: TokenStore = {
      exclusive: settings.store !== 'text',
      load: () => {
        const slow = first && this.#world.faults.hits('firstLoadIsSlow');
        first = false;
        return this.#load(context, slow);
      },
      save: (next, ifRevision) => this.#save(context, next, ifRevision),
      turn: (task, options) => this.turns.take(context, task, options?.signal),
    };
    if (settings.readOnly === context) Object.assign(store, { readOnly: true });
    if (settings.watch) store.watch = (listener) => this.#watch(context, listener);
    return store;
  }

  get watchers(): number {
    let count = 0;
    for (const listeners of this.#listeners.values()) count += listeners.size;
    return count;
  }

  /** Tells the listeners of one context, or of all, whether or not anything changed. */
  notify(to?: number): void {
    const { scheduler, faults } = this.#world;
    for (const [context, listeners] of this.#listeners) {
      if (to !== undefined && to !== context) continue;
      for (const listener of listeners) {
        if (!faults.hits('noticeIsLost')) scheduler.at(faults.latency(), context, listener);
      }
    }
  }

  #watch(context: number, listener: () => void): () => void {
    const listeners = this.#listeners.get(context) ?? new Set();
    this.#listeners.set(context, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  #load(context: number, slowFirst: boolean): MaybePromise<SessionRecord | undefined> {
    const { faults, oracle, settings, random, scheduler } = this.#world;
    const startedAt = scheduler.now;
    const read = (): SessionRecord | undefined =>
      this.record && (JSON.parse(JSON.stringify(this.record)) as SessionRecord);
    const fails = faults.storeIsDown || faults.hits('loadFails');
    const hangs = faults.hits('loadHangs') || (faults.storeIsDown && random.chance(0.3));
    const slow = slowFirst || faults.hits('loadIsSlow') ? faults.long() : 0;
    const error = (): Error => new Error(`GET failed: ${JSON.stringify(this.record)}`);
    if (settings.synchronous && !hangs && !slow) {
      if (fails) throw error();
      const record = read();
      oracle.loaded(context, record);
      return record;
    }
    return this.#distant(context, { fails, hangs, before: 0, after: slow, error }, () => {
      const record = read();
      return () => {
        oracle.loaded(context, record, scheduler.now - startedAt);
        return record;
      };
    });
  }

  #save(context: number, next: SessionRecord, ifRevision: number): MaybePromise<boolean> {
    const { faults, oracle, settings, random, scheduler } = this.#world;
    const fails = faults.storeIsDown || faults.hits('saveFails');
    const hangs = faults.hits('saveHangs') || (faults.storeIsDown && random.chance(0.3));
    const lost = faults.hits('saveAnswerIsLost') ? random.pick(['fails', 'hangs'] as const) : undefined;
    const slow = faults.hits('saveIsSlow') ? faults.long() : 0;
    const late = faults.hits('saveLandsLate') ? faults.long() : 0;
    const error = (): Error => new Error(`SET failed: ${JSON.stringify(next)}`);
    oracle.saving(context, next, fails || hangs || late > 0);
    // Kept as it was given: a record that is changed afterwards must not change what is stored.
    const text = JSON.stringify(next);
    const write = (): boolean => {
      if ((this.record?.revision ?? 0) !== ifRevision) return false;
      const written = JSON.parse(text) as SessionRecord;
      oracle.wrote(context, this.record, written);
      this.record = written;
      this.notify();
      return true;
    };
    if (settings.synchronous && !hangs && !slow && !late && !lost) {
      if (fails) throw error();
      const written = write();
      oracle.saved(context, written);
      return written;
    }
    if (settings.store === 'text') {
      // Reads, compares, and writes a moment later: another context can come between.
      let same = false;
      scheduler.at(0, world, () => {
        same = (this.record?.revision ?? 0) === ifRevision;
      });
      return this.#distant(context, { fails, hangs, lost, before: 1 + late, after: slow, error }, () => {
        if (same) {
          const written = JSON.parse(text) as SessionRecord;
          oracle.wrote(context, this.record, written);
          this.record = written;
          this.notify();
        }
        return () => same;
      });
    }
    return this.#distant(context, { fails, hangs, lost, before: late, after: slow, error }, () => {
      const written = write();
      return () => {
        oracle.saved(context, written);
        return written;
      };
    });
  }

  /** An operation takes effect at one moment and is answered at another; either can fail to happen. */
  #distant<T>(
    context: number,
    plan: {
      fails: boolean;
      hangs: boolean;
      lost?: 'fails' | 'hangs' | undefined;
      before: number;
      after: number;
      error: () => Error;
    },
    effect: () => () => T,
  ): Promise<T> {
    const { scheduler, faults } = this.#world;
    return new Promise<T>((resolve, reject) => {
      if (plan.hangs) return;
      scheduler.at(faults.latency() + plan.before, world, () => {
        const answer = plan.fails ? undefined : effect();
        if (plan.lost === 'hangs') return;
        scheduler.at(faults.latency() + plan.after, context, () => {
          if (!answer || plan.lost) reject(plan.error());
          else resolve(answer());
        });
      });
    });
  }
}
