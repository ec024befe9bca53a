import { type AnyAuthError, isAuthError, RefreshUnavailableError } from '../errors.js';
import type { Held, Replaced } from '../protocol/session-core.js';
import { forbiddenReason, isGranted, needText, type StepUpNeed } from '../protocol/step-up.js';
import { SharedWork } from '../shared-work.js';
import { call } from './emitter.js';
import type { Engine } from './engine.js';
import type { Outcome } from './flight.js';
import type { StepUp } from './grant.js';
import type { Life } from './life.js';
import { over, replacedBy } from './replace.js';
import { Tries } from './step-up-tries.js';
import { stepUp } from './step-up-turn.js';
import { unlessAborted } from './wait.js';

/** How long a user may take, in milliseconds. */
const LONGEST_MS = 600_000;

interface Under {
  readonly need: string;
  readonly work: SharedWork<Outcome | undefined>;
}

/** One step-up at a time for everybody who needs it, and no more of them than a server may be believed to mean. */
export class StepUps {
  readonly #engine: Engine<unknown>;
  readonly #ask: StepUp;
  #life: Life | undefined;
  #under: Under | undefined;
  #limit: AbortController | undefined;
  #tries: Tries = new Tries();
  /** By need: the generation of the tokens that met it. */
  #met: Map<string, number> = new Map();

  constructor(engine: Engine<unknown>, ask: StepUp) {
    this.#engine = engine;
    this.#ask = ask;
  }

  /** Credentials that can do more than the refused ones, or why there are none. */
  readonly replace = async (
    refused: Held | undefined,
    begun: unknown,
    need: StepUpNeed,
    url: string,
  ): Promise<Replaced> => {
    const { parts } = this.#engine;
    const { ledger, place, now } = parts;
    const declined: Replaced = { undelivered: forbiddenReason(need) };
    const text = needText(need);
    for (;;) {
      if (begun !== ledger.life) return over(begun as Life);
      const { held } = ledger;
      if (!held) return { undelivered: 'signed-out' };
      this.#enter(ledger.life);
      const met = isGranted(ledger.record?.tokens?.scope, need);
      const late = refused !== undefined && refused !== held;
      if (late && (met || refused.generation < (this.#met.get(text) ?? 0))) return { held, minted: false };
      // what was granted and is refused all the same would only be granted again; claims that nobody can read are not asked for
      if (met || place.store.readOnly || (need.type === 'claims' && !need.claims)) return declined;
      const under = this.#under;
      if (under === undefined) break;
      const outcome = await under.work.join(async () => undefined);
      if (!outcome && this.#under === under) this.#under = undefined;
      if (outcome && under.need === text) return replacedBy(parts, outcome, begun as Life);
    }
    const validMs = need.type === 'authentication' && need.maxAge ? need.maxAge * 1_000 : undefined;
    if (!this.#tries.may(`${url.replace(/[?#].*/s, '')} ${text}`, now(), validMs)) return declined;
    const work = this.#run(need, url).then((outcome) => {
      if (this.#under?.work.promise === work) this.#under = undefined;
      const { held } = ledger;
      if (outcome.type === 'renewed' && held) this.#met.set(text, held.generation);
      return outcome;
    });
    this.#under = { need: text, work: new SharedWork<Outcome | undefined>(work) };
    return replacedBy(parts, await work, begun as Life);
  };

  /** Nobody needs it any more. */
  release(): void {
    // A platform may forbid one request to abort what another began.
    call(() => this.#limit?.abort());
    this.#under = undefined;
  }

  /** What was tried and met belongs to one sign-in. */
  #enter(life: Life): void {
    if (this.#life === life) return;
    this.#life = life;
    this.#tries = new Tries();
    this.#met = new Map();
  }

  async #run(need: StepUpNeed, url: string): Promise<Outcome> {
    const limit = new AbortController();
    this.#limit = limit;
    const timer = setTimeout(() => limit.abort(), LONGEST_MS);
    try {
      return await unlessAborted(stepUp(this.#engine, this.#ask, need, url, limit.signal), limit.signal);
    } catch (error) {
      const known = isAuthError(error) ? (error as AnyAuthError) : undefined;
      return { type: 'failed', error: known ?? new RefreshUnavailableError('The step-up was given up') };
    } finally {
      clearTimeout(timer);
    }
  }
}
