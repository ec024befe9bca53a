import { type AnyAuthError, RefreshUnavailableError } from '../errors.js';
import type { Challenge } from '../protocol/challenge.js';
import type { Reason } from '../protocol/outcome.js';
import { endsWithRequest, SharedWork } from '../shared-work.js';
import type { HeldCredentials, Life } from './life.js';

/** How a renewal came out, the same for everybody who waited. */
export type Outcome =
  /** There are other credentials; `minted`: asked for, not found in the store. */
  | { readonly type: 'renewed'; readonly minted: boolean }
  /** It was not to be tried. */
  | { readonly type: 'undelivered'; readonly reason: Reason }
  | { readonly type: 'failed'; readonly error: AnyAuthError }
  /** The sign-in it was for is over; its life says why. */
  | { readonly type: 'ended' }
  /** An acquire found that nobody is signed in, for this reason. */
  | { readonly type: 'nobody'; readonly error: AnyAuthError };

/** What a renewal is for. */
export interface Purpose {
  /** The credentials to be renewed; undefined: there are none. */
  readonly from: HeldCredentials | undefined;
  /** A server refused them. */
  readonly refused: boolean;
  /** The refusal counts against the budget: by the clock they were still good. */
  readonly counts: boolean;
  readonly challenge?: Challenge | undefined;
  /** signIn() asked: neither a cooldown nor a sign-out holds it back. */
  readonly explicit?: boolean | undefined;
  /** Other tokens than a renewal brings: newer ones in the store do not do instead. */
  readonly beside?: 'step-up' | 'derived' | undefined;
}

const TOGETHER_MS = 50;

/** One renewal under way and everybody who waits for it; it goes on when nobody does. */
export class Flight {
  readonly life: Life;
  readonly purpose: Purpose;
  /** A refusal or the hard window began or joined it: new requests are held back. */
  hard: boolean;
  /** What comes replaces credentials that a server refused. */
  refused: boolean;
  /** Something was posted: giving up now may lose a rotation. */
  posted = false;
  /** What the ledger was told of that. */
  posting: { readonly id: string | undefined } | undefined;
  /** It was answered, and the answer is being saved: the turn is still needed. */
  answered = false;
  /** How long the user may take who is asked, in milliseconds; 0: nobody is asked. */
  readonly promptMs: number;
  /** Takes the prompt away: nobody can use its answer. */
  abandon: () => void = () => {};
  /** Ends the wait for the turn, where it has not begun: another context has renewed what was to be renewed. */
  unneeded: () => void = () => {};
  readonly #done: Promise<Outcome>;
  readonly #shared: SharedWork<Outcome> | undefined;
  readonly #succeed: (flight: Flight) => Flight;
  #settle: (outcome: Outcome) => void = () => {};
  #together: { readonly promise: Promise<Outcome>; readonly since: number } | undefined;

  /** `succeed`: where others may join it, the one that takes its place once the request that began it has ended. */
  constructor(
    life: Life,
    purpose: Purpose,
    hard: boolean,
    promptMs = 0,
    succeed?: (flight: Flight) => Flight,
  ) {
    this.life = life;
    this.purpose = purpose;
    this.hard = hard;
    this.refused = purpose.refused;
    this.promptMs = promptMs;
    this.#done = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#succeed = succeed ?? (() => this);
    this.#shared = succeed && new SharedWork(this.#done);
  }

  settle(outcome: Outcome): void {
    this.#settle(outcome);
  }

  /**
   * The outcome, or after `ms` milliseconds the error of one who has waited long enough.
   * Who begins to wait at about the same time shares one timer: 10,000 waiters are 10,000 reactions, not timers.
   */
  wait(ms: number): Promise<Outcome> {
    // The timers' clock, which a session's own need not be.
    const since = Date.now();
    const together = this.#together;
    if (together && since >= together.since && since - together.since < TOGETHER_MS) return together.promise;
    const promise = new Promise<Outcome>((resolve) => {
      let late = false;
      const tell = () => {
        late = true;
        resolve({ type: 'failed', error: tooSlow() });
      };
      const timer = setTimeout(tell, Math.max(ms, this.promptMs));
      const instead = async (): Promise<Outcome> =>
        late ? this.#done : this.#succeed(this).wait(ms + since - Date.now());
      (this.#shared?.join(instead) ?? this.#done).then((outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
    });
    // Another request's timer may never fire.
    if (!endsWithRequest()) this.#together = { promise, since };
    return promise;
  }
}

function tooSlow(): RefreshUnavailableError {
  return new RefreshUnavailableError('The refresh did not end in time; it goes on');
}
