import { createMutex, type Mutex } from '../../src/mutex.js';
import { reasonOf } from '../../src/promise.js';
import { pause } from '../../src/session/wait.js';
import { type LiveTurn, LiveTurns } from './live-turn.js';
import { world } from './scheduler.js';

const leaseMs = 7_000;
const beatMs = 1_500;
const marginMs = 1_000;

interface Lock {
  readonly turn: LiveTurn;
  beatAt: number;
}

/** Folders renamed into place: a dead holder's turn is taken over at once, a suspended one's after its lease. */
export class FileTurns extends LiveTurns {
  #lock: Lock | undefined;
  readonly #mutexes = new Map<number, Mutex>();
  readonly #checks = new Map<number, () => void>();

  get holder(): LiveTurn | undefined {
    const { turn } = this.#lock ?? {};
    return turn?.over || this.world.scheduler.isKilled(turn?.context ?? world) ? undefined : turn;
  }

  killed(): void {
    // whoever waits sees that its process is gone
  }

  /** What a store does after it has read or written. */
  check(context: number): void {
    this.#checks.get(context)?.();
  }

  protected async queue(
    turn: LiveTurn,
    run: (lost: AbortSignal) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { context } = turn;
    const inTurn = this.#mutexes.get(context) ?? createMutex();
    this.#mutexes.set(context, inTurn);
    return inTurn(async () => {
      const lock = await this.#taken(turn, signal);
      const lost = new AbortController();
      let deadline: ReturnType<typeof setTimeout> | undefined;
      let until = 0;
      const check = (): void => {
        if (performance.now() >= until) lost.abort(new Error('the turn was lost'));
      };
      const holdFrom = (began: number): void => {
        clearTimeout(deadline);
        until = began + leaseMs - marginMs;
        deadline = setTimeout(check, until - performance.now());
      };
      const beat = async (): Promise<void> => {
        if (lost.signal.aborted) return;
        const began = performance.now();
        const kept = await this.#step(context, () => this.#beat(lock)).catch(() => undefined);
        if (kept === false) lost.abort(new Error('the turn was lost'));
        if (!kept || lost.signal.aborted) return;
        // Only what it has heard of.
        turn.keptAt = lock.beatAt;
        holdFrom(began);
      };
      holdFrom(performance.now());
      await beat();
      const timer = setInterval(beat, beatMs);
      this.#checks.set(context, check);
      try {
        await run(lost.signal);
      } finally {
        this.#checks.delete(context);
        clearInterval(timer);
        clearTimeout(deadline);
        await this.#step(context, () => this.#leave(lock)).catch(() => {});
      }
    }, signal);
  }

  #beat(lock: Lock): boolean {
    if (this.#lock !== lock) return false;
    lock.beatAt = this.world.scheduler.now;
    return true;
  }

  #leave(lock: Lock): void {
    if (this.#lock === lock) this.#lock = undefined;
  }

  async #taken(turn: LiveTurn, signal: AbortSignal | undefined): Promise<Lock> {
    for (;;) {
      if (signal?.aborted) throw reasonOf(signal);
      const lock = await this.#step(turn.context, () => this.#place(turn));
      if (lock && !signal?.aborted) return lock;
      if (lock) await this.#step(turn.context, () => this.#leave(lock)).catch(() => {});
      else await pause(150 * (0.5 + Math.random()));
    }
  }

  /** Puts the folder into place where nobody's is, or that of one who is dead or has shown no life for a lease. */
  #place(turn: LiveTurn): Lock | undefined {
    const held = this.#lock;
    const { scheduler } = this.world;
    if (held && !held.turn.over && !scheduler.isKilled(held.turn.context)) {
      if (scheduler.now - held.beatAt < leaseMs) return undefined;
      this.lose(held.turn);
    }
    turn.keptAt = scheduler.now;
    this.#lock = { turn, beatAt: scheduler.now };
    return this.#lock;
  }

  /** One operation on files. */
  #step<T>(context: number, effect: () => T): Promise<T> {
    const { faults, scheduler, random } = this.world;
    const fails = faults.storeIsDown || faults.hits('leaseFails');
    if (fails) {
      const turn = this.last.get(context);
      if (turn && !turn.over) turn.faultedAt = scheduler.now;
    }
    return new Promise<T>((resolve, reject) => {
      scheduler.at(random.pick([0, 0, 1, 5]), world, () => {
        const answer = fails ? undefined : { value: effect() };
        this.world.strike(context);
        scheduler.at(random.pick([0, 0, 1]), context, () => {
          if (answer) resolve(answer.value);
          else reject(new Error('EIO'));
        });
      });
    });
  }
}
