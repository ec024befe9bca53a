import { RefreshUnavailableError } from '../errors.js';
import { conflict } from '../protocol/reconcile.js';
import { rotated, type SessionRecord } from '../protocol/record.js';
import type { Life } from './life.js';
import type { Parts } from './parts.js';
import { pause } from './wait.js';

const TRIES = 4;
const PAUSE_MS = 250;

/**
 * Saves a refresh token that was rotated for another access token, before that is used: by compare-and-set. Where the store
 * stays out of reach, memory keeps it and says so. false: the sign-in is over, and what was minted is nobody's.
 */
export async function saveRotation(
  parts: Parts,
  life: Life,
  posted: string | undefined,
  fresh: string,
): Promise<boolean> {
  const { ledger, place, emitter } = parts;
  for (let tries = 1; tries <= TRIES && life === ledger.life && ledger.record; tries++) {
    const base: SessionRecord = rotated(ledger.record, fresh);
    const next = ledger.revised(base);
    try {
      if (await place.save(next, ledger.stored)) {
        if (life !== ledger.life) return false;
        ledger.wroteThere(next);
        ledger.unsaved = undefined;
        ledger.keep(next);
        return true;
      }
    } catch {
      if (tries < TRIES) await pause(PAUSE_MS * tries);
    }
    try {
      const look = ledger.look();
      const found = await place.load();
      const verdict = conflict(next, posted, found);
      if (verdict === 'written' && found) ledger.wroteThere(found);
      else if (verdict !== 'overwrite') ledger.loaded(found, look);
      else ledger.stored = found?.revision ?? 0;
      if (verdict !== 'overwrite') return verdict !== 'discard' && life === ledger.life;
    } catch {
      // the same again: if the last save was written after all, it says so
    }
  }
  if (life !== ledger.life || !ledger.record) return false;
  const error = new RefreshUnavailableError('The rotated refresh token could not be saved; memory keeps it');
  emitter.emit({ type: 'save-failed', at: parts.now(), error });
  ledger.keep({ ...rotated(ledger.record, fresh), revision: ledger.stored });
  ledger.unsaved = { posted };
  return true;
}
