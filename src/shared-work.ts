/** How often work shows that its request lives, and after how long a silence it does not, in milliseconds. */
const BEAT_MS = 250;
const QUIET_MS = 1_500;
/** What was silent already is given so many milliseconds more: a beat that is due comes first. */
const CONFIRM_MS = 50;

/**
 * Whether the platform cancels what a request leaves behind: its timers never fire and its promises never settle, also for
 * other requests that wait for them. workerd does, and the Edge Runtime, which is built on it.
 */
export function endsWithRequest(): boolean {
  return 'WebSocketPair' in globalThis || 'EdgeRuntime' in globalThis;
}

/** Work that was begun for one request, and whoever needs it meanwhile waits for. */
export class SharedWork<T> {
  readonly promise: Promise<T>;
  /** What took its place, because its request had ended. */
  next: SharedWork<T> | undefined;
  /** When it last showed that its request lives; undefined: it goes on without. */
  #beatAt: number | undefined;

  constructor(promise: Promise<T>) {
    this.promise = promise;
    if (endsWithRequest()) this.#beat();
  }

  /** false: the request that began it has ended, as far as can be told at once. */
  get isLive(): boolean {
    return this.#beatAt === undefined || Date.now() - this.#beatAt < QUIET_MS;
  }

  /** Settles as the work does; where the request that began it has ended, as `instead` does. */
  join(instead: () => Promise<T>): Promise<T> {
    if (this.#beatAt === undefined) return this.promise;
    return new Promise<T>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout>;
      const look = (ms: number) => {
        const due = Date.now() + ms;
        timer = setTimeout(() => {
          // One that comes late itself says nothing of others: the machine may have slept.
          if (this.isLive || Date.now() - due > BEAT_MS) look(BEAT_MS);
          else resolve(instead());
        }, ms);
      };
      look(this.isLive ? BEAT_MS : CONFIRM_MS);
      const settled = () => clearTimeout(timer);
      this.promise.then(settled, settled);
      this.promise.then(resolve, reject);
    });
  }

  #beat(): void {
    let timer: ReturnType<typeof setTimeout>;
    const beat = () => {
      this.#beatAt = Date.now();
      timer = setTimeout(beat, BEAT_MS);
    };
    beat();
    const settled = () => clearTimeout(timer);
    this.promise.then(settled, settled);
  }
}
