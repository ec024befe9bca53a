import { RefreshRejectedError, RefreshUnavailableError } from '../errors.js';
import { budgetSpent } from '../protocol/cooldown.js';
import { holding } from '../protocol/record.js';
import { commit } from './commit.js';
import { unrenewed } from './failure.js';
import type { Flight, Outcome } from './flight.js';
import type { GrantContext, Renewed } from './grant.js';
import type { Parts } from './parts.js';
import { ask } from './policy.js';
import { rejected } from './rejection.js';
import { isPromise } from './wait.js';

/** A turn never lasts longer, in milliseconds: who waits for it re-reads then. */
export const TURN_MS = 30_000;
const HOLD_TRIES = 5;

/** What happens while this context has the turn: load; newer? adopt; cooling? fail; say so; ask; save. */
export async function inTurn(parts: Parts, flight: Flight, signal: AbortSignal): Promise<Outcome> {
  const { ledger } = parts;
  for (let tries = 0; tries < HOLD_TRIES; tries++) {
    const early = await seen(parts, flight);
    if (early) return early;
    const grant = grantFor(parts);
    if (!grant) return { type: 'undelivered', reason: 'no-refresh-token' };
    const dead = ledger.held ? ledger.dead : undefined;
    if (dead !== undefined && ledger.record?.tokens?.refreshToken === dead)
      return rejected(parts, flight, new RefreshRejectedError(), false, dead);
    const held = holdTurn(parts, flight);
    if (!(isPromise(held) ? await held : held)) continue;
    if (signal.aborted) break;
    if (flight.life !== ledger.life) return { type: 'ended' };
    const since = ledger.stored;
    const posted = ledger.held ? ledger.record?.tokens?.refreshToken : undefined;
    parts.emitter.emit({ type: 'refreshing', at: parts.now() });
    flight.posted = true;
    const answer = await ask(parts, flight, grant, signal);
    if (answer.judged.type === 'minted') return commit(parts, flight, answer.judged.minted, posted, since);
    if (answer.judged.type === 'over')
      return rejected(parts, flight, answer.judged.error, answer.lost, posted);
    return unrenewed(parts, flight, answer, signal);
  }
  throw new RefreshUnavailableError("The session's record changed too often to be refreshed");
}

/** What the store says before anything is asked. */
function seen(parts: Parts, flight: Flight): Outcome | undefined | Promise<Outcome | undefined> {
  const { ledger } = parts;
  const { writes } = ledger;
  const loading = parts.place.load();
  if (isPromise(loading))
    return loading.then((found) => {
      ledger.loaded(found, writes);
      return judge(parts, flight);
    });
  ledger.loaded(loading, writes);
  return judge(parts, flight);
}

function judge(parts: Parts, flight: Flight): Outcome | undefined {
  const { ledger } = parts;
  const { from, explicit, counts } = flight.purpose;
  if (flight.life !== ledger.life) return { type: 'ended' };
  const now = parts.now();
  if (ledger.held && ledger.held !== from && !ledger.expired(now)) return { type: 'renewed', minted: false };
  const retryAt = explicit ? undefined : ledger.coolingUntil(now);
  if (retryAt !== undefined) return { type: 'failed', error: coolingDown(retryAt) };
  if (counts && budgetSpent(ledger.record?.refusals, now))
    return { type: 'undelivered', reason: 'refresh-limit' };
  return undefined;
}

/** What renews the credentials held, or obtains the first; undefined: nothing can. */
export function grantFor(parts: Parts): ((context: GrantContext) => Promise<Renewed>) | undefined {
  const { refresh, acquire, ledger } = parts;
  const tokens = ledger.record?.tokens;
  if (ledger.held && refresh && (tokens?.refreshToken !== undefined || !refresh.needsRefreshToken))
    return (context) => refresh({ ...context, held: tokens ?? { accessToken: '' } });
  return acquire;
}

/** Saves who holds the turn; false: the store moved on, look again. A store that cannot write costs a call, not the family. */
function holdTurn(parts: Parts, flight: Flight): boolean | Promise<boolean> {
  const { ledger, place } = parts;
  const base = ledger.held ? ledger.record : undefined;
  const now = parts.now();
  const refusedAt = flight.purpose.counts ? now : undefined;
  if (!base) return true;
  const next = ledger.revised(holding(base, now + TURN_MS, refusedAt));
  if (!place.store.exclusive) {
    ledger.keep({ ...next, revision: base.revision });
    return true;
  }
  const held = (saved: boolean) => {
    if (!saved) return false;
    ledger.stored = next.revision;
    if (ledger.record === base) {
      ledger.unsaved = undefined;
      ledger.keep(next);
    }
    return true;
  };
  const saving = place.save(next, ledger.stored);
  return isPromise(saving) ? saving.then(held) : held(saving);
}

/** The last renewal failed, and the next is not to be tried before `retryAt`. */
export function coolingDown(retryAt: number): RefreshUnavailableError {
  return new RefreshUnavailableError('The last refresh failed; the next may be tried later', { retryAt });
}
