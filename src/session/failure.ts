import { type AnyAuthError, RefreshUnavailableError } from '../errors.js';
import type { SessionEvent } from '../events.js';
import { cooldownMs } from '../protocol/cooldown.js';
import { failed } from '../protocol/record.js';
import type { Flight, Outcome } from './flight.js';
import type { Judged } from './judged.js';
import type { Parts } from './parts.js';
import type { Answer } from './policy.js';
import { isPromise } from './wait.js';

type Failure = Exclude<Judged, { type: 'minted' } | { type: 'over' }>;
type Why = Extract<SessionEvent, { type: 'refresh-failed' }>['reason'];

/** Nobody is signed out by a failure: everybody who waits is told once, and nothing is asked for a while. */
export async function unrenewed(
  parts: Parts,
  flight: Flight,
  answer: Answer,
  signal: AbortSignal,
): Promise<Outcome> {
  const failure = answer.judged as Failure;
  if (flight.life !== parts.ledger.life) return { type: 'ended' };
  if (signal.aborted) {
    // Its callers were told when the turn was cut off, and the next holder has had a try: now the others are told.
    const sharing = share(parts);
    if (sharing) await sharing;
    return { type: 'failed', error: failure.error };
  }
  const retryAfterMs = failure.type === 'unavailable' ? failure.retryAfterMs : undefined;
  const outcome = coolDown(parts, flight, failure.error, reasonOf(failure, answer.lost), retryAfterMs);
  const saving = share(parts);
  if (saving) await saving;
  return outcome;
}

/** The store or the turn failed: the cooldown stays in memory. */
export function coolDown(
  parts: Parts,
  flight: Flight,
  error: AnyAuthError,
  reason: Why,
  retryAfterMs?: number,
): Outcome {
  const { ledger } = parts;
  if (flight.life !== ledger.life) return { type: 'ended' };
  const at = parts.now();
  const retryAt = at + cooldownMs(++ledger.failures, retryAfterMs, Math.random());
  ledger.notBefore = retryAt;
  if (ledger.record && ledger.held) ledger.keep(failed(ledger.record, retryAt));
  const told =
    error.code === 'refresh-unavailable'
      ? new RefreshUnavailableError(error.message, { retryAt, cause: error.cause })
      : error;
  parts.emitter.emit({ type: 'refresh-failed', at, reason, error: told, retryAt });
  return { type: 'failed', error: told };
}

/** How many in a row are taken up at once. */
const FREE = 2;

/** Its request ended before it did: nobody need fail, but what was posted may be lost. Again and again it is a failure. */
export function leftBehind(parts: Parts, flight: Flight): void {
  const { ledger, emitter } = parts;
  if (flight.posting && ledger.posting === flight.posting) ledger.posting = undefined;
  const reason = flight.posted ? 'lost-response' : 'unavailable';
  const error = new RefreshUnavailableError('The request that began the refresh ended before it');
  if (++ledger.failures > FREE) coolDown(parts, flight, error, reason);
  else emitter.emit({ type: 'refresh-failed', at: parts.now(), reason, error, retryAt: undefined });
}

/** Tells the other contexts of the cooldown; that it cannot be told costs nobody more than a request. */
function share(parts: Parts): Promise<void> | undefined {
  const { ledger, place } = parts;
  const base = ledger.held ? ledger.record : undefined;
  if (!base) return undefined;
  // Over nothing but what was taken: a tombstone that has come meanwhile stays.
  const next = { ...base, revision: base.revision + 1 };
  const saved = (ok: boolean) => {
    if (!ok) return;
    ledger.wroteThere(next);
    if (ledger.record === base) {
      ledger.unsaved = undefined;
      ledger.keep(next);
    }
  };
  try {
    const saving = place.save(next, base.revision);
    if (isPromise(saving)) return saving.then(saved, () => {});
    saved(saving);
  } catch {
    // told in memory
  }
  return undefined;
}

/** What the event of a failure says. */
export function reasonOf(failure: Failure, lost: boolean): Why {
  if (failure.type === 'garbage') return 'token-response';
  if (failure.type === 'misconfigured') return 'misconfigured';
  return lost ? 'lost-response' : 'unavailable';
}
