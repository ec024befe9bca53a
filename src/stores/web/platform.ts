/** A page or a browser's worker. Servers may have the classes of workers, but none of a user's storage. */
export function isInBrowser(): boolean {
  if (typeof document !== 'undefined') return true;
  return 'WorkerGlobalScope' in globalThis && 'indexedDB' in globalThis;
}

/** Web Locks; none over plain http, nor in browsers before 2022. */
export function webLocks(): LockManager | undefined {
  const { navigator } = globalThis as { navigator?: Partial<Navigator> };
  return typeof navigator?.locks?.request === 'function' ? navigator.locks : undefined;
}

/** Calls back when the page is seen again, also where it comes out of the back/forward cache. */
export function whenSeenAgain(call: () => void): () => void {
  if (typeof document === 'undefined') return () => {};
  const check = () => {
    if (document.visibilityState === 'visible') call();
  };
  const restored = ({ persisted }: PageTransitionEvent) => {
    if (persisted) check();
  };
  document.addEventListener('visibilitychange', check);
  addEventListener('pageshow', restored);
  return () => {
    document.removeEventListener('visibilitychange', check);
    removeEventListener('pageshow', restored);
  };
}
