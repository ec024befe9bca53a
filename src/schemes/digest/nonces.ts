import type { Terms } from './terms.js';

/** A nonce of the server and how often it was used (RFC 7616, section 3.4: nc). */
export class Nonce {
  readonly value: string;
  readonly #start: Nonce | undefined;
  /** The client's nonce of that session. */
  cnonce: string | undefined = undefined;
  count = 0;
  /** Was refused. */
  isOver = false;

  constructor(value: string, start?: Nonce) {
    this.value = value;
    this.#start = start;
  }

  /** Where the authentication session began: `-sess` keys are made once, from there (RFC 7616, section 3.4.2). */
  get start(): Nonce {
    return this.#start ?? this;
  }
}

/** Where requests go on: under these terms, with this nonce. */
export interface Lane {
  readonly terms: Terms;
  readonly nonce: Nonce;
}

/** Nonces are the server's to choose: no more of them are remembered. */
const MOST_NONCES = 64;
/** As many requests under way at once have a one-time nonce each without being challenged. */
const MOST_IDLE = 16;

/**
 * The nonces of one protection space. As a rule all requests share one and count. Where a server gives the next nonce
 * with the first use of one, or may have wanted to, each is good for a single request and belongs to that alone.
 */
export class Nonces {
  readonly #known = new Map<string, Nonce>();
  #shared: Lane | undefined;
  #idle: Lane[] = [];

  /** The same object for the same nonce: its count goes on (RFC 7616, section 3.4). */
  of(value: string, start?: Nonce): Nonce {
    const nonce = this.#known.get(value) ?? new Nonce(value, start);
    this.#known.delete(value);
    this.#known.set(value, nonce);
    if (this.#known.size > MOST_NONCES) this.#known.delete(this.#known.keys().next().value as string);
    return nonce;
  }

  /** A challenge gave it: it may have been over, and is good again. */
  challenged(value: string): Nonce {
    const nonce = this.of(value);
    nonce.isOver = false;
    return nonce;
  }

  /** For a request that was not challenged. */
  take(): Lane | undefined {
    return this.#shared ?? this.#idle.pop();
  }

  /**
   * A request was let in as the nonce's use of this number; `next` is the server's nextnonce (RFC 7616, section 3.5).
   * `isTold`: were there a next nonce, it would have been told. Servers leave it out of errors and redirects.
   */
  goOn({ terms, nonce }: Lane, use: number, next: string | undefined, isTold: boolean): void {
    const isNext = next !== undefined && next !== nonce.value;
    const lane = isNext ? { terms, nonce: this.of(next, nonce.start) } : { terms, nonce };
    const isShared = this.#shared?.nonce === nonce;
    if (lane.nonce.isOver) return;
    if (use === 1 && (isNext || !isTold)) {
      if (isShared) this.#shared = undefined;
      this.#idle = this.#idle.filter((other) => other.nonce !== lane.nonce).slice(1 - MOST_IDLE);
      this.#idle.push(lane);
    } else if (isShared || this.#shared === undefined) {
      this.#shared = lane;
    }
  }

  /** It was refused: nothing more is sent with it unless the server gives it again. */
  end(nonce: Nonce): void {
    nonce.isOver = true;
    if (this.#shared?.nonce === nonce) this.#shared = undefined;
    this.#idle = this.#idle.filter((other) => other.nonce !== nonce);
  }
}
