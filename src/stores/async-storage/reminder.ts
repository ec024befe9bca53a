const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** Tells who watches to look again some time after a failure: a keychain does not say that it has been opened. */
export class Reminder {
  readonly #listeners = new Set<{ readonly call: () => void }>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delay = FIRST_MS;

  watch(call: () => void): () => void {
    const listener = { call };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  failed(): void {
    if (this.#timer !== undefined || this.#listeners.size === 0) return;
    const timer: unknown = setTimeout(() => this.#remind(), this.#delay);
    this.#timer = timer as ReturnType<typeof setTimeout>;
    // It alone keeps no process alive.
    (timer as { unref?: () => void }).unref?.();
    this.#delay = Math.min(this.#delay * 2, LONGEST_MS);
  }

  /** It was written: nothing is missing there. */
  opened(): void {
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#delay = FIRST_MS;
  }

  #remind(): void {
    this.#timer = undefined;
    for (const listener of [...this.#listeners]) {
      try {
        listener.call();
      } catch {
        // a listener of somebody else
      }
    }
  }
}
