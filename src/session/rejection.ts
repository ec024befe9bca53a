import type { RefreshRejectedError } from '../errors.js';
import { cooldownMs } from '../protocol/cooldown.js';
import { tombstone } from '../protocol/record.js';
import type { Flight, Outcome } from './flight.js';
import type { Parts } from './parts.js';
import { isPromise, pause } from './wait.js';

const WRITES = 5;
// Together the two seconds in which another context of a text store may still be saving.
const REREAD_MS: readonly number[] = [100, 200, 300, 400, 500, 500];

/**
 * The server says that the refresh token is dead. It ends the session only where the store still holds
 * the token that was posted: otherwise somebody else has renewed it, and theirs is adopted.
 */
export async function rejected(
  parts: Parts,
  flight: Flight,
  error: RefreshRejectedError,
  posted: string | undefined,
): Promise<Outcome> {
  const { ledger } = parts;
  if (flight.life !== ledger.life) return { type: 'ended' };
  ledger.declined ||= flight.promptMs > 0;
  if (!ledger.held) return nobody(parts, error);
  const isLost = parts.lost !== undefined && parts.lost === (posted ?? ledger.held);
  ledger.dead = posted;
  for (let writes = 1; ; writes++) {
    const moved = await movedOn(parts, flight, posted, writes === 1);
    if (moved) return moved;
    const record = ledger.record;
    if (!record) return { type: 'ended' };
    const at = parts.now();
    const retryAt = at + cooldownMs(++ledger.failures, undefined, Math.random());
    const next = ledger.revised(tombstone(record, 'rejected', retryAt));
    const written = await write(parts, next);
    if (written === false && writes < WRITES) continue;
    if (flight.life !== ledger.life) return { type: 'ended' };
    ledger.end('rejected', error);
    ledger.keep(written ? next : { ...next, revision: record.revision });
    parts.emitter.emit({
      type: 'refresh-failed',
      at,
      reason: isLost ? 'lost-response' : 'rejected',
      error,
      retryAt: undefined,
    });
    return { type: 'ended' };
  }
}

async function movedOn(
  parts: Parts,
  flight: Flight,
  posted: string | undefined,
  first: boolean,
): Promise<Outcome | undefined> {
  const { ledger, place } = parts;
  const pauses = place.store.exclusive || !first ? [] : REREAD_MS;
  for (let reads = 0; ; reads++) {
    const look = ledger.look();
    const loading = place.load();
    ledger.loaded(isPromise(loading) ? await loading : loading, look);
    if (flight.life !== ledger.life) return { type: 'ended' };
    const now = ledger.record?.tokens?.refreshToken;
    if (posted === undefined ? ledger.held !== flight.purpose.from : now !== posted)
      return { type: 'renewed', minted: false };
    const ms = pauses[reads];
    if (ms === undefined) return undefined;
    await pause(ms);
  }
}

/** undefined: the store is out of reach; memory ends all the same, and the next load decides. */
async function write(
  parts: Parts,
  next: Parameters<Parts['place']['save']>[0],
): Promise<boolean | undefined> {
  try {
    const saving = parts.place.save(next, parts.ledger.stored);
    const saved = isPromise(saving) ? await saving : saving;
    if (saved) parts.ledger.wroteThere(next);
    return saved;
  } catch {
    return undefined;
  }
}

/** Asked from nothing, and the answer is that nobody is signed in: no failure, but not to be asked at every request. */
function nobody(parts: Parts, error: RefreshRejectedError): Outcome {
  const { ledger } = parts;
  ledger.nobody = true;
  ledger.notBefore = parts.now() + cooldownMs(++ledger.failures, undefined, Math.random());
  return { type: 'nobody', error };
}
