interface Request {
  readonly name: string;
  readonly clientId: string;
  grant(): void;
}
interface Held {
  readonly name: string;
  readonly clientId: string;
  steal(): void;
}

/** Web Locks (W3C), exclusive ones: every client is another tab; what a tab does to its own is done by hand. */
export class FakeLocks {
  readonly #queue: Request[] = [];
  readonly #held = new Map<string, Held>();

  /** The lock manager as one tab has it. */
  client(clientId: string): LockManager {
    const request = (name: string, ...rest: unknown[]) => {
      const callback = rest.pop() as (lock: unknown) => unknown;
      return this.#request(name, clientId, (rest[0] ?? {}) as LockOptions, callback);
    };
    const query = async () => ({
      held: [...this.#held.values()].map(({ name, clientId }) => ({ name, clientId, mode: 'exclusive' })),
      pending: this.#queue.map(({ name, clientId }) => ({ name, clientId, mode: 'exclusive' })),
    });
    return { request, query } as unknown as LockManager;
  }

  /** The tab is gone: its locks are free, and it asks for none any more. `forget`: nobody is given them. */
  crash(clientId: string, forget = false): void {
    for (const request of this.#queue.filter((request) => request.clientId === clientId))
      this.#queue.splice(this.#queue.indexOf(request), 1);
    for (const [name, held] of this.#held) {
      if (held.clientId !== clientId) continue;
      this.#held.delete(name);
      if (!forget) this.#next(name);
    }
  }

  /** Who waits for a lock, in order. */
  get waiting(): readonly string[] {
    return this.#queue.map(({ clientId }) => clientId);
  }

  holderOf(name: string): string | undefined {
    return this.#held.get(name)?.clientId;
  }

  #request(
    name: string,
    clientId: string,
    { signal, steal, ifAvailable }: LockOptions,
    callback: (lock: unknown) => unknown,
  ): Promise<unknown> {
    if (signal && steal) return Promise.reject(new DOMException('signal and steal', 'NotSupportedError'));
    if (ifAvailable && this.#held.has(name)) return (async () => callback(null))();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const request: Request = {
        name,
        clientId,
        grant: () => {
          signal?.removeEventListener('abort', abort);
          const held: Held = {
            name,
            clientId,
            steal: () => reject(new DOMException('the lock was stolen', 'AbortError')),
          };
          this.#held.set(name, held);
          const done = () => {
            if (this.#held.get(name) !== held) return;
            this.#held.delete(name);
            this.#next(name);
          };
          const running = (async () => callback({ name, mode: 'exclusive' }))();
          running.then(done, done);
          running.then(resolve, reject);
        },
      };
      const abort = () => {
        this.#queue.splice(this.#queue.indexOf(request), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort);
      if (steal) {
        this.#held.get(name)?.steal();
        request.grant();
      } else {
        this.#queue.push(request);
        this.#next(name);
      }
    });
  }

  #next(name: string): void {
    if (this.#held.has(name)) return;
    const next = this.#queue.find((request) => request.name === name);
    if (!next) return;
    this.#queue.splice(this.#queue.indexOf(next), 1);
    next.grant();
  }
}
