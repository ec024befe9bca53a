import { RefreshUnavailableError } from '../errors.js';

/**
 * Runs a task for at most `ms` milliseconds, or until `outer` aborts, whichever comes first; the task's own
 * signal aborts with it. Nothing is left behind: no timer, no listener.
 */
export function within<T>(
  ms: number,
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const end = (reason: unknown): void => {
      settle();
      reject(reason);
      controller.abort();
    };
    const stop = (): void => end(outer?.reason ?? new RefreshUnavailableError('The request was aborted'));
    const timer = setTimeout(
      () => end(new RefreshUnavailableError('The authorization server did not answer in time')),
      ms,
    );
    const settle = (): void => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', stop);
    };
    if (outer?.aborted) return stop();
    outer?.addEventListener('abort', stop);
    run(controller.signal).then(resolve, reject).then(settle);
  });
}
