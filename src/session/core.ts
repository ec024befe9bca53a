import type { Challenge } from '../protocol/challenge.js';
import type { Held, Replaced, SessionCore } from '../protocol/session-core.js';
import type { MaybePromise } from '../types.js';
import type { Outcome } from './flight.js';
import type { Flights } from './flights.js';
import type { HeldCredentials, Life } from './life.js';
import type { Loader } from './loader.js';
import type { Parts } from './parts.js';
import { replace, type Shared } from './replace.js';
import { coolingDown, promptMsOf } from './turn.js';
import { isPromise } from './wait.js';

/** What a grant sends while it is being called goes out plain: it cannot wait for itself. */
export const PLAIN: Life = { id: undefined };

/** What schemes see of a session, and what token() is made of. */
export class Core implements SessionCore {
  readonly parts: Parts;
  readonly flights: Flights;
  readonly csrf: SessionCore['csrf'];
  /** The wait that most callers of a crowd have in common. */
  shared: Shared | undefined;
  readonly #loader: Loader;
  readonly #worksBeside: () => boolean;
  /** A cookie session sends cookies before it knows of any: a life without credentials has this stamp. */
  readonly #unknown: HeldCredentials | undefined;

  constructor(
    parts: Parts,
    flights: Flights,
    loader: Loader,
    worksBeside: () => boolean,
    cookie: { readonly unknown: HeldCredentials; readonly csrf: SessionCore['csrf'] } | undefined,
  ) {
    this.parts = parts;
    this.flights = flights;
    this.#loader = loader;
    this.#worksBeside = worksBeside;
    this.#unknown = cookie?.unknown;
    this.csrf = cookie?.csrf;
  }

  begin(): Life {
    return this.parts.inGrant ? PLAIN : this.parts.ledger.life;
  }

  current(begun: unknown): MaybePromise<Held | undefined> {
    const { ledger, now, place } = this.parts;
    const { held } = ledger;
    if (held && begun === ledger.life && !this.flights.current?.hard) {
      const { softAt } = ledger.windows;
      const until = Math.min(softAt, place.readAgainAt);
      if (until === Number.POSITIVE_INFINITY || now() < until) return held;
    }
    return this.#look(begun as Life);
  }

  replace(
    refused: Held | undefined,
    begun: unknown,
    challenge: Challenge | undefined,
    signal: AbortSignal | undefined,
  ): Replaced | Promise<Replaced> {
    return replace(this, refused, begun as Life, challenge, signal);
  }

  accepted(held: Held): void {
    this.parts.ledger.accepted(held as HeldCredentials);
  }

  /** Starts the first load, or joins it. */
  load(): MaybePromise<void> {
    return this.#loader.ensure();
  }

  get now(): () => number {
    return this.parts.now;
  }

  get promptMs(): number | undefined {
    return this.parts.acquire?.promptMs && promptMsOf(this.parts);
  }

  get plain(): boolean {
    return this.parts.inGrant;
  }

  get worksBeside(): boolean {
    return this.#worksBeside();
  }

  get cookies(): boolean {
    return this.#unknown !== undefined;
  }

  /** The credentials of the life, once it is known, and the wait for them where there is one. */
  #look(begun: Life): MaybePromise<Held | undefined> {
    const { ledger } = this.parts;
    if (begun === PLAIN) return undefined;
    if (begun !== ledger.life) return lost(begun);
    if (!ledger.known) {
      try {
        const loading = this.#loader.ensure();
        if (isPromise(loading)) return loading.then(() => this.current(begun));
      } catch (error) {
        return Promise.reject(error);
      }
      return this.current(begun);
    }
    if (this.#worksBeside()) this.#loader.readAgain();
    if (begun !== ledger.life) return lost(begun);
    return ledger.held ? this.#dated(begun, ledger.held) : this.#none(begun);
  }

  /** Held, but somebody renews it, or its life runs out. */
  #dated(begun: Life, held: HeldCredentials): MaybePromise<Held | undefined> {
    const { ledger, now, timeoutMs } = this.parts;
    const flight = this.flights.current;
    if (flight?.hard) return flight.wait(timeoutMs).then((outcome) => this.#sent(begun, outcome));
    const at = now();
    const { softAt, hardAt } = ledger.windows;
    if (at < softAt || (ledger.record?.mintedAt ?? 0) > at) return held;
    const retryAt = ledger.coolingUntil(at);
    if (at < hardAt) {
      if (retryAt === undefined && !flight && this.#worksBeside()) this.flights.join(ahead(held), false);
      // Where the store is synchronous the turn has looked into it by now.
      return begun === ledger.life ? ledger.held : lost(begun);
    }
    if (retryAt !== undefined) return ledger.expired(at) ? Promise.reject(coolingDown(retryAt)) : held;
    const renewal = this.flights.join(ahead(held), true);
    return renewal.wait(timeoutMs).then((outcome) => this.#sent(begun, outcome));
  }

  /** Only a call whose token has expired fails with the refresh. */
  #sent(begun: Life, outcome: Outcome): MaybePromise<Held | undefined> {
    const { ledger, now } = this.parts;
    if (begun !== ledger.life) return lost(begun);
    if (outcome.type === 'failed' && ledger.expired(now())) throw outcome.error;
    return ledger.held;
  }

  #none(begun: Life): MaybePromise<Held | undefined> {
    const { ledger, acquire, now, timeoutMs } = this.parts;
    const over = ledger.record?.ended === 'signed-out' || ledger.cause === 'user';
    if (this.#unknown) return over || ledger.nobody || ledger.record?.ended ? undefined : this.#unknown;
    const flight = this.flights.current;
    if (!flight) {
      if (!acquire || over || ledger.declined) return undefined;
      const retryAt = ledger.coolingUntil(now());
      if (retryAt !== undefined)
        return ledger.nobody || ledger.record?.ended ? undefined : Promise.reject(coolingDown(retryAt));
    }
    const renewal = flight ?? this.flights.join(fromNothing, true);
    return renewal.wait(timeoutMs).then((outcome) => {
      if (begun !== ledger.life) return lost(begun);
      if (outcome.type === 'failed') throw outcome.error;
      return ledger.held;
    });
  }
}

/** Begun in a sign-in that is over: never sent with another's credentials. */
function lost(begun: Life): Promise<undefined> | undefined {
  const error = begun.ended?.error;
  return error && Promise.reject(error);
}

/** Obtains the first credentials. */
export const fromNothing: { readonly from: undefined; readonly refused: false; readonly counts: false } = {
  from: undefined,
  refused: false,
  counts: false,
};

/** Renews what nobody has refused. */
export function ahead(held: HeldCredentials): {
  readonly from: HeldCredentials;
  readonly refused: false;
  readonly counts: false;
} {
  return { from: held, refused: false, counts: false };
}
