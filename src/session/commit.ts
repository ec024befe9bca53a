import { RefreshUnavailableError } from '../errors.js';
import { conflict } from '../protocol/reconcile.js';
import { type Minted, renewed, rotated, type SessionRecord, signedIn } from '../protocol/record.js';
import type { Flight, Outcome } from './flight.js';
import { newId } from './new-id.js';
import type { Parts } from './parts.js';
import { isPromise, pause } from './wait.js';

const TRIES = 4;
const PAUSE_MS = 250;

/**
 * Saves what was minted before anybody is released: by compare-and-set, so that it holds without the turn too.
 * Where the store stays out of reach, memory keeps the tokens and says so.
 */
export async function commit(
  parts: Parts,
  flight: Flight,
  minted: Minted,
  posted: string | undefined,
  since: number,
): Promise<Outcome> {
  const { ledger, place } = parts;
  if (flight.life !== ledger.life) return discard(parts, minted);
  const base = ledger.held ? ledger.record : undefined;
  const now = parts.now();
  if (!base) flight.life.arriving ??= newId();
  const { beside } = flight.purpose;
  const renew = beside === 'derived' ? rotated : renewed;
  let record = base
    ? renew(base, minted, now)
    : signedIn(flight.life.arriving ?? '', parts.boundTo, minted, now);
  // Only what this commit itself has seen may be written over: others move the ledger's view of the store.
  let seen = since;
  // Where another may not lower it, a revision below is of what the store has fallen back to.
  const lost = place.store.exclusive ? since : 0;
  let why: unknown;
  // A save that was not answered may have been written, and renewed by another context since.
  let isUnsure = false;
  for (let tries = 1; tries <= TRIES && flight.life === ledger.life; tries++) {
    const next = ledger.revised(record, Math.max(seen, record.revision));
    try {
      const saving = place.save(next, seen);
      if (isPromise(saving) ? await saving : saving) return kept(parts, flight, next);
    } catch (error) {
      why = error;
      isUnsure = true;
      if (tries < TRIES) await pause(PAUSE_MS * tries);
    }
    try {
      const look = ledger.look();
      const loading = place.load();
      const found = isPromise(loading) ? await loading : loading;
      const verdict = conflict(next, posted, found, lost);
      if (verdict === 'written') return kept(parts, flight, found as SessionRecord);
      if (verdict === 'discard') {
        if (found) ledger.loaded(found, look);
        return discard(parts, minted);
      }
      const isRenewed = isUnsure && (found?.generation ?? 0) > next.generation;
      if (verdict === 'adopt' && (beside !== 'step-up' || isRenewed)) {
        ledger.loaded(found, look);
        return flight.life === ledger.life ? { type: 'renewed', minted: false } : { type: 'ended' };
      }
      // Written meanwhile without what was minted here: that goes into it.
      const isNewer = verdict === 'adopt' || (found?.generation ?? 0) >= record.generation;
      if (found?.id === record.id && !found.ended && isNewer) record = renew(found, minted, now);
      isUnsure &&= found?.revision === seen;
      seen = found?.revision ?? 0;
    } catch {
      // The same compare-and-set again: if the last one was written after all, it says so.
    }
  }
  if (flight.life !== ledger.life) return discard(parts, minted);
  return unsaved(parts, flight, record, posted, why);
}

function kept(parts: Parts, flight: Flight, record: SessionRecord): Outcome {
  const { ledger } = parts;
  // Whoever ended the life meanwhile finds this record in the store, and ends it there.
  if (flight.life !== ledger.life) return { type: 'ended' };
  // The store has told of a newer one while this was being saved.
  if (ledger.held && (ledger.record?.revision ?? 0) > record.revision)
    return { type: 'renewed', minted: false };
  ledger.wroteThere(record);
  ledger.unsaved = undefined;
  return take(parts, flight, record);
}

function unsaved(
  parts: Parts,
  flight: Flight,
  record: SessionRecord,
  posted: string | undefined,
  why: unknown,
): Outcome {
  const at = parts.now();
  const told = why ? `: ${(why as RefreshUnavailableError).message}` : '';
  const error = new RefreshUnavailableError(
    `The renewed tokens could not be saved; memory keeps them${told}`,
  );
  parts.emitter.emit({ type: 'save-failed', at, error });
  parts.emitter.emit({ type: 'store-degraded', at, reason: 'memory-only' });
  // Not in the store: whatever is written there next is newer.
  const outcome = take(parts, flight, { ...record, revision: parts.ledger.stored });
  parts.ledger.unsaved = { posted };
  return outcome;
}

function take(parts: Parts, flight: Flight, record: SessionRecord): Outcome {
  const { ledger } = parts;
  const isSame = ledger.record?.generation === record.generation;
  if (ledger.held && flight.purpose.beside === 'derived' && isSame) ledger.keep(record);
  else if (ledger.held) ledger.renewed(record, true, flight.refused);
  else ledger.begin(record, true);
  return { type: 'renewed', minted: true };
}

/** Minted for a sign-in that is over: nobody may use it, and the server is told. */
function discard(parts: Parts, minted: Minted): Outcome {
  // A cookie session's cookies may be another sign-in's by now: there is nothing to name them by.
  if (minted.tokens) void parts.revoke(minted.tokens);
  return { type: 'ended' };
}
