import { RefreshUnavailableError } from '../errors.js';
import type { Engine } from './engine.js';
import type { Flight } from './flight.js';
import { forget, TURN_MS } from './turn.js';
import { unlessAborted } from './wait.js';

/**
 * The store's turn for what is asked beside a refresh: waited for and kept as long as a refresh's. The task's signal aborts
 * at its end and before it is lost; then only an answer that is being saved is waited for.
 */
export function inTurnOf<T>(
  { parts, loader }: Pick<Engine<unknown>, 'parts' | 'loader'>,
  flight: Flight,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const abort = () => limit.abort();
  let timer = setTimeout(abort, parts.timeoutMs);
  const landed = () => loader.catchUp();
  return new Promise<T>((resolve, reject) => {
    // heard only where nothing was begun
    const none = () => {
      clearTimeout(timer);
      reject(new RefreshUnavailableError("The session's store gave no turn"));
    };
    const work = async (lost: AbortSignal) => {
      clearTimeout(timer);
      if (limit.signal.aborted || lost.aborted) return;
      timer = setTimeout(abort, TURN_MS);
      lost.addEventListener('abort', abort);
      const begun = task(limit.signal);
      resolve(begun);
      begun.then(landed, landed);
      limit.signal.addEventListener('abort', () => void forget(parts, flight, landed));
      await unlessAborted(begun, limit.signal).catch(() => {});
      if (flight.answered) await begun.catch(() => {});
    };
    limit.signal.addEventListener('abort', none);
    try {
      parts.place.store.turn(work, { signal: limit.signal }).then(none, none);
    } catch {
      none();
    }
  });
}
