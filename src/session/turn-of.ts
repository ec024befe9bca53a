import { RefreshUnavailableError } from '../errors.js';
import type { Parts } from './parts.js';
import { unlessAborted } from './wait.js';

/** Takes what the store holds, if it is newer. */
export async function loadNewest({ ledger, place }: Parts): Promise<void> {
  const look = ledger.look();
  ledger.loaded(await place.load(), look);
}

/** The store's turn, waited for as long as a refresh is; of the store's own errors none is passed on. */
export async function inTurnOf<T>(parts: Parts, task: () => Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), parts.timeoutMs);
  let begun: Promise<T> | undefined;
  const work = async () => {
    clearTimeout(timer);
    if (!waiting.signal.aborted) begun = task();
    await begun?.catch(() => {});
  };
  try {
    await unlessAborted(parts.place.store.turn(work, { signal: waiting.signal }), waiting.signal);
  } catch {
    // told by what was not begun
  } finally {
    clearTimeout(timer);
  }
  if (begun === undefined) throw new RefreshUnavailableError("The session's store gave no turn");
  return begun;
}
