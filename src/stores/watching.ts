/** Listeners of a store over one subscription, which is open while anybody listens. */
export interface Watching {
  watch(listener: () => void): () => void;
  close(): void;
}

/** @param open Begins to listen, and returns the way to stop. */
export function watching(open: (tell: () => void) => () => void): Watching {
  const listeners = new Set<{ readonly call: () => void }>();
  let stop: (() => void) | undefined;
  let closed = false;

  const tell = () => {
    for (const listener of [...listeners]) {
      try {
        if (listeners.has(listener)) listener.call();
      } catch {
        // the others are told all the same
      }
    }
  };
  const rest = () => {
    if (listeners.size > 0) return;
    stop?.();
    stop = undefined;
  };
  return {
    watch(call) {
      if (closed) return () => {};
      const listener = { call };
      listeners.add(listener);
      stop ??= open(tell);
      return () => {
        listeners.delete(listener);
        rest();
      };
    },
    close() {
      closed = true;
      listeners.clear();
      rest();
    },
  };
}
