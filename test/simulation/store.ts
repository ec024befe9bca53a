import type { SessionRecord } from '../../src/protocol/record.js';
import type { TokenStore } from '../../src/session/store.js';
import type { MaybePromise } from '../../src/types.js';
import { Channel } from './channel.js';
import { FileTurns } from './file-turns.js';
import { LeaseTurns } from './lease-turns.js';
import { LockTurns } from './lock-turns.js';
import { world } from './scheduler.js';
import { TurnQueue, type Turns } from './turns.js';
import type { World } from './world.js';

/** Where the record rests; several contexts hold handles of it. */
export class Place {
  record: SessionRecord | undefined;
  readonly turns: Turns;
  readonly channel: Channel;
  /** When the store last fell back to an older record. */
  failedOverAt = -1;
  /** What was written, oldest first. */
  #history: (SessionRecord | undefined)[] = [undefined];
  readonly #world: World;

  /** `alone`: in the memory of one context. */
  constructor(of: World, alone = false) {
    this.#world = of;
    this.channel = new Channel(of);
    this.turns = alone ? new TurnQueue(of) : turnsOf(of);
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
    if (settings.watch) store.watch = (listener) => this.channel.watch(context, listener);
    return this.#shared(context, store);
  }

  /** The server is another now, which had not heard of the last writes, or of any. */
  failOver(entirely: boolean): void {
    const { random, oracle, scheduler, settings } = this.#world;
    const back = entirely ? this.#history.length : 1 + random.int(4);
    const before = this.record;
    this.#history.splice(Math.max(1, this.#history.length - back));
    this.record = this.#history.at(-1);
    this.failedOverAt = scheduler.now;
    oracle.failedOver(before, this.record);
    if (settings.store === 'server' && (entirely || random.chance(0.7))) (this.turns as LeaseTurns).forget();
    this.channel.cut();
  }

  woken(context: number): void {
    if (this.turns instanceof LeaseTurns) this.turns.wake(context);
  }

  /** What was there before any of the contexts. */
  begin(record: SessionRecord): void {
    this.#put(-1, record);
  }

  #put(context: number, record: SessionRecord): void {
    this.#world.oracle.wrote(context, this.record, record);
    this.record = record;
    this.#history.push(record);
    this.channel.published();
  }

  #shared(context: number, store: TokenStore): TokenStore {
    const { turns } = this;
    if (!(turns instanceof LeaseTurns || turns instanceof LockTurns || turns instanceof FileTurns))
      return store;
    const check = <T>(value: T): T => {
      turns.check(context);
      return value;
    };
    return {
      ...store,
      load: async () => check(await store.load()),
      save: async (next, ifRevision) => {
        turns.check(context);
        return check(await store.save(next, ifRevision));
      },
    };
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
      const readAt = scheduler.now;
      return () => {
        const afterMs = scheduler.now - startedAt;
        // What comes after the deadline is not heard any more.
        if (afterMs < 3_000) oracle.reuses.read(context, record, readAt);
        oracle.loaded(context, record, afterMs);
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
      const isAny = settings.mutation === 'save-over-any-revision';
      if (!isAny && (this.record?.revision ?? 0) !== ifRevision) return false;
      this.#put(context, JSON.parse(text) as SessionRecord);
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
          this.#put(context, JSON.parse(text) as SessionRecord);
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
        this.#world.strike(context);
        if (plan.lost === 'hangs') return;
        scheduler.at(faults.latency() + plan.after, context, () => {
          if (!answer || plan.lost) reject(plan.error());
          else resolve(answer());
        });
      });
    });
  }
}

function turnsOf(world: World): Turns {
  switch (world.settings.store) {
    case 'server':
      return new LeaseTurns(world);
    case 'web':
      return new LockTurns(world);
    case 'file':
      return new FileTurns(world);
    default:
      return new TurnQueue(world);
  }
}
