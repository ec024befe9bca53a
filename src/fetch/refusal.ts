import { unlessAborted } from '../promise.js';
import type { Challenge } from '../protocol/challenge.js';
import type { ForbiddenReason } from '../protocol/outcome.js';
import { readChallenges } from '../protocol/read-challenges.js';
import { firstNeed, forbiddenReason } from '../protocol/step-up.js';
import { Aside } from './aside.js';

/** A response that refuses: whole, or set aside so that it holds no connection while something is waited for. */
export class Refusal {
  /** When it arrived, by the platform's clock: milliseconds since 1970. */
  readonly at: number = Date.now();
  readonly status: number;
  readonly challenges: readonly Challenge[];
  /** Set where it asks for more than other credentials. */
  readonly asks: ForbiddenReason | undefined;
  /** undefined: set aside. */
  response: Response | undefined;
  #aside: Aside | undefined;

  constructor(response: Response) {
    this.response = response;
    this.status = response.status;
    this.challenges = readChallenges(response.headers.get('www-authenticate'));
    const need = firstNeed(this.challenges);
    this.asks = need && forbiddenReason(need);
  }

  free(): Aside {
    this.#aside ??= new Aside(this.response as Response);
    this.response = undefined;
    return this.#aside;
  }

  /** For the caller: as it came, or rebuilt from what was read. */
  whole(signal: AbortSignal | null | undefined): Response | Promise<Response> {
    return this.response ?? unlessAborted(this.free().rebuild(), signal);
  }
}
