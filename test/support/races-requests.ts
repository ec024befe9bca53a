import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, vi } from 'vitest';

interface State {
  ended: boolean;
  readonly timers: Set<ReturnType<typeof setTimeout>>;
}

/** A request of a worker: what is begun in it ends with it. */
export interface WorkerRequest {
  run<T>(work: () => T): T;
  /** Its timers never fire from now on. What it waited for is to be left unanswered by the test. */
  end(): void;
}

/**
 * A platform that cancels what a request leaves behind, as workerd does; after `raceClock`. A timer belongs to the request
 * that set it, and no request may abort what another began.
 */
export function endingRequests(): () => WorkerRequest {
  const current = new AsyncLocalStorage<State>();
  let restore = () => {};
  beforeEach(() => {
    vi.stubGlobal('WebSocketPair', class {});
    vi.stubGlobal(
      'AbortController',
      class extends AbortController {
        readonly #owner = current.getStore();
        override abort(reason?: unknown): void {
          if (current.getStore() !== this.#owner)
            throw new Error('Cannot perform I/O on behalf of a different request');
          super.abort(reason);
        }
      },
    );
    const fake = globalThis.setTimeout;
    const owned = (work: () => void, ms?: number) => {
      const request = current.getStore();
      const timer = fake(() => (request ? current.run(request, work) : work()), ms);
      request?.timers.add(timer);
      if (request?.ended) clearTimeout(timer);
      return timer;
    };
    globalThis.setTimeout = owned as typeof setTimeout;
    restore = () => {
      globalThis.setTimeout = fake;
    };
  });
  afterEach(() => restore());
  return () => {
    const state: State = { ended: false, timers: new Set() };
    return {
      run: (work) => current.run(state, work),
      end() {
        state.ended = true;
        for (const timer of state.timers) clearTimeout(timer);
      },
    };
  };
}
