import { SignedOutError } from '../errors.js';
import { conflict, reconcile } from '../protocol/reconcile.js';
import type { SessionRecord } from '../protocol/record.js';
import type { Ledger } from './ledger.js';
import type { LedgerOptions } from './ledger-options.js';

/** What a loaded record makes of what is known here; true: what is held is to be saved again. */
export function take(
  ledger: Ledger,
  options: LedgerOptions,
  found: SessionRecord | undefined,
  first: boolean,
): boolean {
  const { record, unsaved, held, dead } = ledger;
  if (unsaved && record) {
    const since = options.exclusive ? record.revision : 0;
    const verdict = conflict(record, unsaved.posted, found, since);
    if (verdict === 'overwrite') {
      // Others that hold a renewal of this number must take what is written over it.
      if (found?.id === record.id && !found.ended && found.generation >= record.generation)
        ledger.keep({ ...record, generation: found.generation + 1 });
      return true;
    }
    ledger.unsaved = undefined;
    if (verdict === 'written') ledger.keep(found as SessionRecord);
    else if (found) adopt(ledger, found, first);
    return false;
  }
  // Another context has not heard yet that it is dead.
  if (!held && dead !== undefined && found?.tokens?.refreshToken === dead) return false;
  const reader = {
    ...options,
    endedHere: (id: string) => ledger.endings.has(id),
    signedInHere: ledger.life.here === true,
  };
  switch (reconcile(record, found, reader)) {
    case 'put-back':
      return true;
    case 'foreign':
      ledger.foreign();
      return false;
    case 'newer':
    case 'other':
      adopt(ledger, found as SessionRecord, first);
      return false;
    case 'over':
      ledger.end('elsewhere', undefined);
      // Nobody has asked for its end: there is no tombstone to be written.
      ledger.record = undefined;
      return false;
    case 'same':
      return false;
  }
}

function adopt(ledger: Ledger, found: SessionRecord, first: boolean): void {
  const mine = ledger.record;
  if (found.ended === 'rejected' && ledger.posting?.id === found.id) {
    ledger.missed = true;
    return;
  }
  if (found.ended) {
    const cause = found.ended === 'rejected' ? 'rejected' : 'elsewhere';
    if (ledger.life.id !== undefined) ledger.end(cause, undefined);
    else if (first) ledger.cause = cause;
    ledger.record = found;
    return;
  }
  if (mine?.id !== found.id || mine.ended) {
    const awaited = ledger.life.id === undefined && (first || ledger.acquiring);
    if (!awaited) ledger.leave('elsewhere', new SignedOutError());
    ledger.begin(found, false);
  } else if (mine.generation !== found.generation || mine.tokens?.accessToken !== found.tokens?.accessToken)
    ledger.renewed(found, false, false);
  else ledger.keep(found);
}
