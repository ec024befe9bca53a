import type { SessionEvent } from '../events.js';

type Listener = (event: never) => void;

/** Tells the listeners of one session; one that throws breaks nothing. */
export class Emitter {
  readonly #observe: ((event: SessionEvent) => void) | undefined;
  readonly #listeners: Map<SessionEvent['type'], Set<Listener>> = new Map();

  constructor(observe: ((event: SessionEvent) => void) | undefined) {
    this.#observe = observe;
  }

  emit(event: SessionEvent): void {
    Object.freeze(event);
    if (this.#observe) call(this.#observe, event);
    const listeners = this.#listeners.get(event.type);
    if (listeners)
      for (const listener of [...listeners]) call(listener as (event: SessionEvent) => void, event);
  }

  on<T extends SessionEvent['type']>(
    type: T,
    listener: (event: Extract<SessionEvent, { type: T }>) => void,
  ): () => void {
    if (typeof listener !== 'function') throw new TypeError('on: listener must be a function');
    const listeners = this.#listeners.get(type) ?? new Set();
    // Wrapped, so that the same function added twice is told twice and removed once.
    const entry: Listener = (event: never) => listener(event);
    this.#listeners.set(type, listeners.add(entry));
    return () => {
      listeners.delete(entry);
    };
  }
}

/** What a listener throws, or rejects with, is its own business. */
export function call<T extends readonly unknown[]>(listener: (...args: T) => unknown, ...args: T): void {
  try {
    const result = listener(...args) as { then?: unknown } | undefined;
    if (typeof result?.then === 'function') (result as Promise<unknown>).then(undefined, () => {});
  } catch {
    // nothing of ours depends on it
  }
}
