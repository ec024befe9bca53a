interface Listener {
  readonly call: () => void;
}

/** Tells the pages and workers of this origin that the record has changed; says nothing of what is in it. */
export class Channel {
  readonly #name: string;
  readonly #listeners = new Set<Listener>();
  #channel: BroadcastChannel | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  watch(call: () => void): () => void {
    const listener = { call };
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#end();
    };
  }

  /** Called after a save. Who watches alone here is the one that saved. */
  tell(): void {
    if (this.#listeners.size > 1) queueMicrotask(this.#changed);
    try {
      const channel = this.#channel ?? this.#open();
      channel?.postMessage(0);
      if (channel !== this.#channel) channel?.close();
    } catch {
      // It is saved all the same; the others see it when they refresh.
    }
  }

  #begin(): void {
    this.#listen();
    // Workers have neither event, nor a back/forward cache to be kept out of.
    globalThis.addEventListener?.('pagehide', this.#rest);
    globalThis.addEventListener?.('pageshow', this.#wake);
  }

  #end(): void {
    globalThis.removeEventListener?.('pagehide', this.#rest);
    globalThis.removeEventListener?.('pageshow', this.#wake);
    this.#rest();
  }

  #listen(): void {
    this.#channel = this.#open();
    if (this.#channel) this.#channel.onmessage = this.#changed;
  }

  #open(): BroadcastChannel | undefined {
    return typeof BroadcastChannel === 'function' ? new BroadcastChannel(this.#name) : undefined;
  }

  readonly #rest = (): void => {
    this.#channel?.close();
    this.#channel = undefined;
  };

  readonly #wake = (): void => {
    if (this.#channel) return;
    this.#listen();
    this.#changed();
  };

  readonly #changed = (): void => {
    for (const { call } of [...this.#listeners]) {
      try {
        call();
      } catch {
        // a listener of somebody else
      }
    }
  };
}
