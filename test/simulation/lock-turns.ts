import { pause } from '../../src/session/wait.js';
import { type LiveTurn, LiveTurns } from './live-turn.js';
import { world } from './scheduler.js';

interface Request {
  readonly turn: LiveTurn;
  readonly start: () => Promise<void>;
  readonly lost: AbortController;
  over: boolean;
}

const lockTimeoutMs = 3_000;
/** As long as a session's turn lasts. */
const stampMs = 30_000;
const lookMs = 1_000;
/** A holder that never said how long it is alive. */
const silentMs = 40_000;

/** Web Locks: a lock lives as long as its tab, and is stolen only where the stamp in the record is overdue. */
export class LockTurns extends LiveTurns {
  #holder: Request | undefined;
  readonly #waiting: Request[] = [];
  readonly #running = new Map<number, Request>();
  /** Who was seen as the holder, and since when. */
  readonly #seen = new Map<number, { readonly holder: Request; readonly since: number }>();

  get holder(): LiveTurn | undefined {
    return this.#holder?.turn;
  }

  /** The browser lets go of what a tab held that has crashed. */
  killed(context: number): void {
    const { scheduler } = this.world;
    for (const request of [...this.#waiting]) if (request.turn.context === context) this.#leave(request);
    const held = this.#holder;
    if (held?.turn.context === context) scheduler.at(5, world, () => this.#release(held));
  }

  protected queue(
    turn: LiveTurn,
    run: (lost: AbortSignal) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { scheduler, faults } = this.world;
    return new Promise<void>((resolve, reject) => {
      const lost = new AbortController();
      const request: Request = {
        turn,
        lost,
        over: false,
        start: async () => {
          if (request.over) return;
          signal?.removeEventListener('abort', leave);
          this.#running.set(turn.context, request);
          await run(lost.signal);
          request.over = true;
          scheduler.at(faults.latency(), world, () => this.#release(request));
          resolve();
        },
      };
      const leave = (): void => {
        this.#leave(request);
        reject(signal?.reason);
      };
      if (signal?.aborted || faults.hits('turnFails')) {
        reject(signal?.reason ?? new Error('no locks here'));
        return;
      }
      signal?.addEventListener('abort', leave);
      scheduler.at(faults.latency(), world, () => {
        if (request.over || this.world.scheduler.isKilled(turn.context)) return;
        this.#waiting.push(request);
        this.#next();
      });
      void this.#suspect(request);
    });
  }

  /** The stamp that it wrote is overdue: whoever waits may have stolen the lock. */
  check(context: number): void {
    const { scheduler } = this.world;
    const held = this.#running.get(context);
    if (held && !held.over && scheduler.now - held.turn.startedAt > stampMs)
      held.lost.abort(new Error('the lock may be stolen'));
  }

  /** Waits, then asks the record whether the holder is still alive. */
  async #suspect(request: Request): Promise<void> {
    const { scheduler, place } = this.world;
    const { context } = request.turn;
    const isWaiting = () => !request.over && request.turn.startedAt === 0 && this.#holder !== request;
    for (let ms = lockTimeoutMs; ; ms = lookMs) {
      await pause(ms);
      if (!isWaiting()) return;
      const holder = this.#holder;
      if (!holder) continue;
      const seen = this.#seen.get(context);
      if (seen?.holder !== holder) this.#seen.set(context, { holder, since: scheduler.now });
      const { holderUntil } = place.record ?? {};
      const since = seen?.holder === holder ? seen.since : scheduler.now;
      const isOverdue =
        holderUntil === undefined ? scheduler.now - since >= silentMs : holderUntil < scheduler.now;
      if (!isOverdue) continue;
      // In one step of the browser's: it is the holder that was judged, or nobody.
      scheduler.at(0, world, () => {
        if (this.#holder !== holder || !isWaiting()) return;
        this.lose(holder.turn);
        this.#holder = undefined;
        this.#waiting.splice(this.#waiting.indexOf(request), 1);
        this.#waiting.unshift(request);
        scheduler.at(0, holder.turn.context, () => holder.lost.abort(new Error('the lock was stolen')));
        this.#next();
      });
    }
  }

  #leave(request: Request): void {
    request.over = true;
    const index = this.#waiting.indexOf(request);
    if (index >= 0) this.#waiting.splice(index, 1);
    this.#release(request);
  }

  #release(request: Request): void {
    if (this.#holder !== request) return;
    this.#holder = undefined;
    this.#next();
  }

  #next(): void {
    if (this.#holder) return;
    const next = this.#waiting.shift();
    if (!next) return;
    this.#holder = next;
    const { scheduler, faults } = this.world;
    next.turn.keptAt = scheduler.now;
    scheduler.at(faults.latency(), next.turn.context, () => void next.start());
    this.world.strike(next.turn.context);
  }

  protected override cause(turn: LiveTurn): ReturnType<LiveTurns['cause']> {
    const { scheduler, oracle } = this.world;
    if (!oracle.records.hasAnnounced(turn)) return 'robbed before its stamp';
    return super.cause(turn) ?? (scheduler.now - turn.startedAt > stampMs ? 'overdue holder' : undefined);
  }
}
