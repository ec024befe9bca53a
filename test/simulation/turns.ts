import { world } from './scheduler.js';
import type { World } from './world.js';

export interface Turn {
  readonly context: number;
  /** Aborts before the turn can be lost. */
  readonly signal: AbortSignal;
  /** What had happened to the sign-in when it was asked for. */
  readonly disturbances: number;
  startedAt: number;
  /** The lease went to another while the task ran on. */
  lost: boolean;
  over: boolean;
  endedAt: number;
}

/** How the contexts of a place take turns. */
export interface Turns {
  readonly holder: Turn | undefined;
  /** The last turn that each context was given. */
  readonly last: ReadonlyMap<number, Turn>;
  take<T>(
    context: number,
    task: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T>;
  killed(context: number): void;
  paused(context: number, forMs: number): void;
}

interface Queued extends Turn {
  readonly start: () => void;
  readonly controller: AbortController;
}

const leaseMs = 10_000;

/** One holder at a time: as a lock that frees with its holder, as a lease that can be lost, or (text) each context apart. */
export class TurnQueue implements Turns {
  holder: Queued | undefined;
  readonly #waiting: Queued[] = [];
  readonly #killed = new Set<number>();
  /** A text store knows only the turns of its own context. */
  readonly #own = new Map<number, Queued[]>();
  readonly #unfinished = new Map<number, Turn[]>();
  readonly #world: World;
  readonly last = new Map<number, Turn>();

  constructor(of: World) {
    this.#world = of;
  }

  take<T>(
    context: number,
    task: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { scheduler, faults, settings } = this.#world;
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const unfinished = (this.#unfinished.get(context) ?? []).filter((other) => !other.over);
      const leave = (): void => {
        const index = this.#waiting.indexOf(turn);
        if (index >= 0) this.#waiting.splice(index, 1);
        else if (turn.startedAt > 0) return;
        turn.over = true;
        this.#release(turn);
        this.#nextOwn(context);
        reject(signal?.reason);
      };
      const controller = new AbortController();
      const turn: Queued = {
        context,
        controller,
        signal: controller.signal,
        disturbances: this.#world.oracle.lives.disturbances(context),
        startedAt: 0,
        lost: false,
        over: false,
        endedAt: Number.POSITIVE_INFINITY,
        start: () => {
          if (turn.over) return;
          signal?.removeEventListener('abort', leave);
          turn.startedAt = scheduler.now;
          this.last.set(context, turn);
          this.#world.log(() => `turn of ${context} begins`);
          if (settings.store === 'lease' && faults.hits('turnIsLost')) this.#loseLater(turn);
          const end = (settle: () => void): void => {
            turn.over = true;
            turn.endedAt = scheduler.now;
            this.#world.oracle.turns.ended(context, scheduler.now - turn.startedAt);
            this.#world.log(() => `turn of ${context} ends${turn.lost ? ' (lost)' : ''}`);
            if (settings.synchronous) this.#release(turn);
            else scheduler.at(faults.latency(), world, () => this.#release(turn));
            settle();
            this.#nextOwn(context);
          };
          task(turn.controller.signal).then(
            (value) => end(() => resolve(value)),
            (error: unknown) => end(() => reject(error)),
          );
        },
      };
      this.#unfinished.set(context, [...unfinished, turn]);
      this.#world.oracle.turns.asked(turn, unfinished);
      signal?.addEventListener('abort', leave);
      if (faults.hits('turnHangs')) return;
      if (faults.storeIsDown || faults.hits('turnFails')) {
        scheduler.at(faults.latency(), context, () => {
          if (turn.over) return;
          turn.over = true;
          signal?.removeEventListener('abort', leave);
          reject(new Error('no turn: the store is down'));
        });
        return;
      }
      if (settings.store === 'text') {
        this.#own.set(context, [...(this.#own.get(context) ?? []), turn]);
        this.#nextOwn(context);
      } else if (settings.synchronous && !this.holder) {
        this.holder = turn;
        turn.start();
      } else {
        scheduler.at(faults.latency(), world, () => {
          if (turn.over || this.#killed.has(context)) return;
          this.#waiting.push(turn);
          this.#next();
        });
      }
    });
  }

  /** A holder that is killed frees its lock soon, its lease when it ends; waiting, it is forgotten. */
  killed(context: number): void {
    this.#killed.add(context);
    for (let index = this.#waiting.length - 1; index >= 0; index--) {
      if (this.#waiting[index]?.context === context) this.#waiting.splice(index, 1);
    }
    const turn = this.holder;
    if (turn?.context !== context) return;
    const { scheduler, settings } = this.#world;
    scheduler.at(settings.store === 'lease' ? leaseMs : 5, world, () => this.#release(turn));
  }

  /** A holder that is paused for longer than its lease loses it; it is told when it wakes. */
  paused(context: number, forMs: number): void {
    const turn = this.holder;
    const { scheduler, settings } = this.#world;
    if (turn?.context !== context || settings.store !== 'lease' || forMs < leaseMs) return;
    scheduler.at(leaseMs, world, () => {
      if (!turn.over) this.#lose(turn);
    });
    scheduler.at(forMs, context, () => turn.controller.abort(new Error('the lease was lost')));
  }

  #loseLater(turn: Queued): void {
    const { scheduler, random } = this.#world;
    const after = random.pick([0, 1, 5, 50, 200, 500, 3_000]);
    scheduler.at(after, turn.context, () => {
      if (turn.over) return;
      this.#world.log(() => `turn of ${turn.context} is about to be lost`);
      turn.controller.abort(new Error('the lease could not be renewed'));
    });
    scheduler.at(after + random.pick([1, 100, 3_000]), world, () => {
      if (!turn.over) this.#lose(turn);
    });
  }

  #lose(turn: Queued): void {
    this.#world.log(() => `turn of ${turn.context} is lost`);
    turn.lost = true;
    this.#release(turn);
  }

  #release(turn: Queued): void {
    if (this.holder !== turn) return;
    this.holder = undefined;
    this.#next();
  }

  #nextOwn(context: number): void {
    const waiting = (this.#own.get(context) ?? []).filter((turn) => !turn.over);
    this.#own.set(context, waiting);
    const next = waiting[0];
    if (next?.startedAt === 0) next.start();
  }

  #next(): void {
    if (this.holder) return;
    const next = this.#waiting.shift();
    if (!next) return;
    this.holder = next;
    const { scheduler, faults } = this.#world;
    scheduler.at(faults.latency(), next.context, next.start);
  }
}
