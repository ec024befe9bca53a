import type { Turn, Turns } from './turns.js';
import type { World } from './world.js';

/** Why a turn was lost, or cut off before it could be. */
export type LostBy =
  | 'paused holder'
  | 'lease not renewed'
  | 'failover lost the lease'
  | 'overdue holder'
  /** Nothing was posted in it: no reuse is explained by that. */
  | 'robbed before its stamp';

/** A turn as its store knows it, and as the oracle asks about it. */
export class LiveTurn implements Turn {
  readonly context: number;
  readonly disturbances: number;
  /** Aborts where nobody wants it any more. */
  readonly wanted: AbortSignal | undefined;
  signal: AbortSignal = new AbortController().signal;
  startedAt = 0;
  lost = false;
  lostBy: LostBy | undefined;
  over = false;
  endedAt: number = Number.POSITIVE_INFINITY;
  /** Since when the store is known to have kept it. */
  keptAt = 0;
  /** When something that keeps it was made to fail, to hang or to be slow. */
  faultedAt = -1;

  constructor(context: number, disturbances: number, wanted: AbortSignal | undefined) {
    this.context = context;
    this.disturbances = disturbances;
    this.wanted = wanted;
  }

  /** Another context has renewed before it came, or it came too late. */
  get isGivenUp(): boolean {
    return this.startedAt === 0 && this.wanted?.aborted === true;
  }
}

type Run = (lost: AbortSignal) => Promise<void>;

/** What all shared stores' turns have in common: who has them, who lost them, and what explains that. */
export abstract class LiveTurns implements Turns {
  readonly last: Map<number, LiveTurn> = new Map();
  readonly #unfinished = new Map<number, LiveTurn[]>();
  protected readonly world: World;

  constructor(of: World) {
    this.world = of;
  }

  abstract readonly holder: LiveTurn | undefined;
  /** Runs `run` when the turn has come; resolves when it is over. */
  protected abstract queue(turn: LiveTurn, run: Run, signal: AbortSignal | undefined): Promise<void>;

  take<T>(
    context: number,
    task: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { oracle, settings } = this.world;
    const turn = new LiveTurn(context, oracle.lives.disturbances(context), signal);
    const unfinished = (this.#unfinished.get(context) ?? []).filter(
      (other) => !other.over && !other.isGivenUp,
    );
    this.#unfinished.set(context, [...unfinished, turn]);
    oracle.turns.asked(turn, unfinished);
    return new Promise<T>((resolve, reject) => {
      const run = async (lost: AbortSignal): Promise<void> => {
        this.#begin(turn, lost);
        const heard = settings.mutation === 'signal-unheard' ? new AbortController().signal : lost;
        try {
          resolve(await task(heard));
        } catch (error) {
          reject(error);
        } finally {
          this.#end(turn);
        }
      };
      this.queue(turn, run, signal).then(undefined, (error: unknown) => {
        turn.over = true;
        reject(error);
      });
    });
  }

  /** The context is killed. */
  abstract killed(context: number): void;

  paused(): void {
    // its store hears of nothing
  }

  #begin(turn: LiveTurn, lost: AbortSignal): void {
    const { scheduler, log } = this.world;
    turn.signal = lost;
    turn.startedAt = scheduler.now;
    this.last.set(turn.context, turn);
    log(() => `turn of ${turn.context} begins`);
    lost.addEventListener('abort', () => {
      log(() => `turn of ${turn.context} is cut off`);
      this.#explain(turn);
    });
  }

  #end(turn: LiveTurn): void {
    const { oracle, scheduler, log } = this.world;
    turn.over = true;
    turn.endedAt = scheduler.now;
    oracle.turns.ended(turn.context, scheduler.now - turn.startedAt);
    log(() => `turn of ${turn.context} ends${turn.lost ? ' (lost)' : ''}`);
  }

  /** Another has the turn while this one's task may run on. */
  protected lose(turn: LiveTurn | undefined, by?: LostBy): void {
    if (!turn || turn.over || turn.lost || this.world.scheduler.isKilled(turn.context)) return;
    turn.lost = true;
    this.world.log(() => `turn of ${turn.context} is lost`);
    if (turn.startedAt > 0 || by) this.#explain(turn, by);
  }

  #explain(turn: LiveTurn, by?: LostBy): void {
    if (turn.lostBy || turn.over) return;
    turn.lostBy = by ?? this.cause(turn);
    if (!turn.lostBy)
      this.world.oracle.violate(`context ${turn.context} loses its turn, and nothing explains it`);
  }

  protected cause(turn: LiveTurn): LostBy | undefined {
    if (this.world.oracle.reuses.wasPaused(turn.context, turn.keptAt)) return 'paused holder';
    if (turn.faultedAt >= turn.keptAt) return 'lease not renewed';
    return undefined;
  }
}
