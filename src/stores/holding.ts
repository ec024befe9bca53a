import { within } from '../promise.js';

/** A moment by two clocks: one stands still while a machine is suspended, the other may be set. */
export interface Stamp {
  readonly monotonic: number;
  readonly wall: number;
}

/** The share of a lease after which it counts as lost here: before the server may give it to another. */
const TRUSTED = 0.9;
/** The share after which it is renewed, and after which nothing that cannot be taken back is begun with it. */
const RENEWED = 1 / 3;
const GOOD = 1 / 2;

export function stamp(): Stamp {
  return { monotonic: performance.now(), wall: Date.now() };
}

/** Whether a lease that was asked for at `since` may be lost. */
export function lapses(since: Stamp, leaseMs: number): boolean {
  return ageMs(since) >= leaseMs * TRUSTED;
}

function ageMs(since: Stamp): number {
  return Math.max(performance.now() - since.monotonic, Date.now() - since.wall);
}

/** A lease while it is held: renewed at a third of its length, and its signal aborts before it can be lost. */
export class Holding {
  readonly #controller: AbortController;
  readonly #renew: () => Promise<boolean>;
  readonly #leaseMs: number;
  #since: Stamp;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  constructor(renew: () => Promise<boolean>, leaseMs: number, since: Stamp) {
    this.#controller = new AbortController();
    this.#renew = renew;
    this.#leaseMs = leaseMs;
    this.#since = since;
    this.#keep(since);
    this.#next(leaseMs * RENEWED);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Timers stood still while the process did: whoever acts for the turn asks first. */
  check(): void {
    if (!this.#over && lapses(this.#since, this.#leaseMs)) this.#lose();
  }

  /** Renews it where it is not as good as new: a token request is to have most of the lease before it. */
  async confirm(): Promise<void> {
    if (this.#over || ageMs(this.#since) < this.#leaseMs * RENEWED) return;
    await this.#renewed();
    if (!this.#over && ageMs(this.#since) >= this.#leaseMs * GOOD) this.#lose();
  }

  end(): void {
    this.#over = true;
    clearTimeout(this.#renewal);
    clearTimeout(this.#deadline);
  }

  /** Counted from before the request was sent: the server began to count later. */
  #keep(since: Stamp): void {
    this.#since = since;
    clearTimeout(this.#deadline);
    const due = () => {
      this.check();
      // a timer may be early by a fraction of a millisecond
      if (!this.#over) this.#deadline = setTimeout(due, 1);
    };
    this.#deadline = setTimeout(due, Math.max(0, this.#leaseMs * TRUSTED - ageMs(since)));
  }

  #next(ms: number): void {
    this.#renewal = setTimeout(() => this.#again(), ms);
  }

  async #again(): Promise<void> {
    const kept = await this.#renewed();
    if (!this.#over) this.#next(this.#leaseMs * (kept ? RENEWED : 0.1));
  }

  /** undefined: it cannot be known. */
  async #renewed(): Promise<boolean | undefined> {
    const since = stamp();
    let kept: boolean | undefined;
    try {
      kept = await within(this.#renew(), this.#leaseMs / 3, () => new Error('late'));
    } catch {
      // a lost connection is no lost lease: it is asked again until the deadline
    }
    if (this.#over) return undefined;
    if (kept === false) this.#lose();
    if (kept) this.#keep(since);
    return kept;
  }

  #lose(): void {
    this.end();
    this.#controller.abort(new Error('The turn is lost'));
  }
}
