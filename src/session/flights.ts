import { type AnyAuthError, isAuthError, RefreshUnavailableError } from '../errors.js';
import { call } from './emitter.js';
import { coolDown, leftBehind } from './failure.js';
import { Flight, type Outcome, type Purpose } from './flight.js';
import type { Parts } from './parts.js';
import { noteLost } from './policy.js';
import { forget, inTurn, promptMsOf, TURN_MS } from './turn.js';

/** At most one renewal under way in this context; the store's turn sees to the others. */
export class Flights {
  readonly #parts: Parts;
  readonly #changed: () => void;
  /** A turn's work is over: what was passed over meanwhile counts now. */
  readonly #landed: () => void;
  readonly #beside: (work: Promise<unknown>) => void;
  current: Flight | undefined;
  /** Settles when the last renewal begun has let go of the turn's work, also where nobody waits any more. */
  work: Promise<void> | undefined;

  constructor(
    parts: Parts,
    changed: () => void,
    landed: () => void,
    beside: (work: Promise<unknown>) => void,
  ) {
    this.#landed = landed;
    this.#parts = parts;
    this.#changed = changed;
    this.#beside = beside;
  }

  /** Begins a renewal, or joins the one under way; starts asking in the same tick where the store is at hand. */
  join(purpose: Purpose, hard: boolean): Flight {
    const under = this.current;
    if (under) {
      under.hard ||= hard;
      under.refused ||= purpose.refused;
      return under;
    }
    const { ledger } = this.#parts;
    const flight = new Flight(ledger.life, purpose, hard, promptMsOf(this.#parts), this.#succeed);
    this.current = flight;
    if (!purpose.from) ledger.acquiring = true;
    const work: Promise<void> = this.#run(flight).then((outcome) => {
      if (this.current === flight) this.#clear();
      flight.settle(outcome);
      if (this.work === work) this.work = undefined;
      this.#changed();
    });
    this.work = work;
    this.#beside(work);
    this.#changed();
    return flight;
  }

  /** The request that began it has ended: whoever finds that out renews in its own, unless another one does already. */
  readonly #succeed = (flight: Flight): Flight => {
    if (this.current === flight) {
      this.#clear();
      leftBehind(this.#parts, flight);
    }
    return this.join({ ...flight.purpose, refused: flight.refused }, flight.hard);
  };

  /** The life is over: whoever waits is told now, and what the flight still brings is discarded. */
  release(): void {
    const flight = this.current;
    if (!flight) return;
    this.#clear();
    flight.settle({ type: 'ended' });
    flight.abandon();
  }

  /** Another context has renewed while this one waited for its turn, or signed in while a user was asked: that answers who waits. */
  adopted(): void {
    const flight = this.current;
    const { ledger, now } = this.#parts;
    if (flight && ledger.held && ledger.held !== flight.purpose.from && !ledger.expired(now()))
      flight.unneeded();
    if (!flight?.promptMs || flight.purpose.from || flight.answered || !this.#parts.ledger.held) return;
    this.#clear();
    flight.settle({ type: 'renewed', minted: false });
    flight.abandon();
  }

  /** The session is closed: whoever waits for the user's answer is told now. */
  close(): void {
    this.current?.abandon();
  }

  #clear(): void {
    this.current = undefined;
    this.#parts.ledger.acquiring = false;
  }

  /** Waits for the turn, with a bound of its own, and takes it. */
  #run(flight: Flight): Promise<Outcome> {
    const parts = this.#parts;
    return new Promise((resolve) => {
      const waiting = new AbortController();
      let state: 'waiting' | 'begun' | 'given-up' = 'waiting';
      const giveUp = (why: string) => {
        if (state !== 'waiting') return;
        state = 'given-up';
        clearTimeout(timer);
        resolve(coolDown(parts, flight, new RefreshUnavailableError(why), 'unavailable'));
        waiting.abort();
      };
      flight.unneeded = () => {
        if (state !== 'waiting') return;
        state = 'given-up';
        clearTimeout(timer);
        resolve({ type: 'renewed', minted: false });
        waiting.abort();
      };
      const timer = setTimeout(() => giveUp('Another context has the turn to refresh'), parts.timeoutMs);
      const task = async (lost: AbortSignal) => {
        if (state !== 'waiting') return;
        state = 'begun';
        clearTimeout(timer);
        await this.#limited(flight, lost, resolve);
      };
      try {
        parts.place.store
          .turn(task, { signal: waiting.signal })
          .then(undefined, () => giveUp("The session's store gave no turn"));
      } catch {
        giveUp("The session's store gave no turn");
      }
    });
  }

  /** A turn ends after 30 s or when it is lost; what a late answer brings is still saved, by compare-and-set. */
  async #limited(flight: Flight, lost: AbortSignal, resolve: (outcome: Outcome) => void): Promise<void> {
    const parts = this.#parts;
    const limit = new AbortController();
    const cut = new Promise<Outcome>((resolve) => {
      limit.signal.addEventListener('abort', () => {
        const reason = flight.posted && flight.promptMs === 0 ? 'lost-response' : 'unavailable';
        const error = new RefreshUnavailableError('The refresh took too long, or its turn was lost');
        if (reason === 'lost-response' && flight.life === parts.ledger.life) noteLost(parts);
        // Where whoever waited was told already, nothing has failed.
        resolve(this.current === flight ? coolDown(parts, flight, error, reason) : { type: 'ended' });
        void forget(parts, flight, this.#landed);
      });
    });
    const abort = () => limit.abort();
    const timer = setTimeout(abort, Math.max(TURN_MS, flight.promptMs));
    // A platform may forbid one request to abort what another began.
    if (flight.promptMs > 0) flight.abandon = () => call(abort);
    lost.addEventListener('abort', abort);
    if (lost.aborted) abort();
    const work = inTurn(parts, flight, limit.signal).catch((error: unknown): Outcome => {
      const known = isAuthError(error) ? (error as AnyAuthError) : new RefreshUnavailableError();
      if (limit.signal.aborted) return { type: 'failed', error: known };
      return coolDown(parts, flight, known, 'unavailable');
    });
    work.then(this.#landed);
    resolve(await Promise.race([work, cut]));
    // The signal comes before the turn is lost: an answer that is being saved keeps the next holder waiting.
    if (flight.answered) await work;
    clearTimeout(timer);
    lost.removeEventListener('abort', abort);
  }
}
