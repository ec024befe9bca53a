import { createLeaseClient, type Lease, type LeaseClient } from './lease-client.js';
import { type LiveTurn, LiveTurns } from './live-turn.js';
import { world } from './scheduler.js';

/** Redis and Postgres: one row with the holder and until when, by the server's clock; a client in every context. */
export class LeaseTurns extends LiveTurns {
  #held: { readonly holder: string; readonly context: number; until: number } | undefined;
  readonly #clients = new Map<number, LeaseClient>();
  /** When the server last gave it to the context, or kept it. */
  readonly #kept = new Map<number, number>();
  /** When something that the context asked was made to fail, to hang or to be slow. */
  readonly #faultedAt = new Map<number, number>();
  /** The server forgot it before the context heard that it has it. */
  readonly #forgotten = new Set<number>();

  get holder(): LiveTurn | undefined {
    return this.#held && this.#running(this.#held.context);
  }

  /** What a store does before and after it asks its server for anything. */
  check(context: number): void {
    this.#clients.get(context)?.check();
  }

  /** Somebody released it, as the channel says. */
  wake(context: number): void {
    this.#clients.get(context)?.wake();
  }

  /** A failover lost who holds it. */
  forget(): void {
    if (!this.#held) return;
    const { context } = this.#held;
    this.#held = undefined;
    const turn = this.#running(context);
    if (turn) this.lose(turn, 'failover lost the lease');
    else this.#forgotten.add(context);
  }

  killed(): void {
    // its lease ends by itself
  }

  protected queue(
    turn: LiveTurn,
    run: (lost: AbortSignal) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { context } = turn;
    let client = this.#clients.get(context);
    if (!client) {
      const { leaseMs, mutation } = this.world.settings;
      client = createLeaseClient(this.#lease(context), leaseMs, mutation !== 'lease-unrenewed');
      this.#clients.set(context, client);
    }
    return client.turn((lost) => {
      turn.keptAt = this.#kept.get(context) ?? 0;
      turn.faultedAt = this.#faultedAt.get(context) ?? -1;
      const running = run(lost);
      if (this.#forgotten.delete(context)) this.lose(turn, 'failover lost the lease');
      return running;
    }, signal);
  }

  #running(context: number): LiveTurn | undefined {
    const turn = this.last.get(context);
    return turn?.over || this.world.scheduler.isKilled(context) ? undefined : turn;
  }

  #lease(context: number): Lease {
    const { scheduler } = this.world;
    return {
      take: (holder) =>
        this.#ask(context, () => {
          const held = this.#held;
          if (held && held.holder !== holder) {
            if (held.until > scheduler.now) return held.until - scheduler.now;
            this.lose(this.#running(held.context));
          }
          this.#forgotten.delete(context);
          this.#keep(context, holder);
          return 0;
        }),
      renew: (holder) =>
        this.#ask(context, () => {
          if (this.#held?.holder !== holder || this.#held.until <= scheduler.now) return false;
          this.#keep(context, holder);
          return true;
        }).then((kept) => {
          // Only what it has heard of.
          const turn = this.#running(context);
          if (kept && turn) turn.keptAt = this.#kept.get(context) ?? 0;
          return kept;
        }),
      release: (holder) =>
        this.#ask(context, () => {
          if (this.#held?.holder !== holder) return;
          this.#held = undefined;
          this.world.place.channel.released();
        }),
    };
  }

  #keep(context: number, holder: string): void {
    const { scheduler, settings } = this.world;
    this.#kept.set(context, scheduler.now);
    this.#held = { holder, context, until: scheduler.now + settings.leaseMs };
  }

  /** One statement: it takes effect at one moment and is answered at another; either can fail to happen. */
  #ask<T>(context: number, effect: () => T): Promise<T> {
    const { faults, scheduler, random } = this.world;
    const fails = faults.storeIsDown || faults.hits('leaseFails');
    const lost = faults.hits('leaseAnswerIsLost');
    const slow = faults.hits('leaseIsSlow') ? faults.long() : 0;
    const hangs = (fails || lost) && random.chance(0.3);
    const [there, back] = random.chance(0.5) ? [slow, 0] : [0, slow];
    if (fails || lost || slow > 0) this.#faulted(context);
    return new Promise<T>((resolve, reject) => {
      scheduler.at(faults.latency() + there, world, () => {
        const answer = fails ? undefined : { value: effect() };
        if (fails || lost || slow > 0) this.#faulted(context);
        this.world.strike(context);
        if (hangs) return;
        scheduler.at(faults.latency() + back, context, () => {
          if (answer && !lost) resolve(answer.value);
          else reject(new Error('the server of the lease is gone'));
        });
      });
    });
  }

  #faulted(context: number): void {
    const turn = this.#running(context);
    const { now } = this.world.scheduler;
    this.#faultedAt.set(context, now);
    if (turn) turn.faultedAt = now;
  }
}
