const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Of all needs together: a server may ask for other claims each time. */
const A_MINUTE = 5;
const MOST_KEYS = 100;

interface Try {
  readonly at: number;
  readonly waitMs: number;
}

/** How often the same is asked for the same resource: the pause doubles from a minute to an hour, and is forgotten after ten of it. */
export class Tries {
  readonly #last = new Map<string, Try>();
  #recent: readonly number[] = [];

  /**
   * Whether it may be asked for now; if so, it counts. `now` in milliseconds since 1970; after `validMs` milliseconds what was
   * brought is too old by itself, and the pause does not grow.
   */
  may(key: string, now: number, validMs: number = Number.POSITIVE_INFINITY): boolean {
    // a clock that went back holds nothing up
    this.#recent = this.#recent.filter((at) => at <= now && now - at < MINUTE_MS);
    const last = this.#last.get(key);
    const since = last === undefined || last.at > now ? Number.POSITIVE_INFINITY : now - last.at;
    const paused = last?.waitMs ?? 0;
    const isOld = since >= Math.max(validMs, MINUTE_MS);
    if (this.#recent.length >= A_MINUTE || (since < paused && !isOld)) return false;
    const waitMs = isOld || since > 10 * paused ? MINUTE_MS : Math.min(2 * paused, HOUR_MS);
    this.#last.delete(key);
    this.#last.set(key, { at: now, waitMs });
    if (this.#last.size > MOST_KEYS) this.#last.delete(this.#last.keys().next().value as string);
    this.#recent = [...this.#recent, now];
    return true;
  }
}
