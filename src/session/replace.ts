import type { Challenge } from '../protocol/challenge.js';
import { budgetSpent } from '../protocol/cooldown.js';
import type { Held, Replaced } from '../protocol/session-core.js';
import type { Core } from './core.js';
import { fromNothing, PLAIN } from './core.js';
import type { Outcome, Purpose } from './flight.js';
import type { HeldCredentials, Life } from './life.js';
import type { Parts } from './parts.js';
import { coolingDown, grantFor } from './turn.js';
import { unlessAborted } from './wait.js';

/**
 * Credentials other than the refused ones, or why not. In this order: another sign-in; a late refusal; nothing to
 * renew with; refused too early; refused too often; cooling down; otherwise one renewal for everybody.
 */
export function replace(
  core: Core,
  refused: Held | undefined,
  begun: Life,
  challenge: Challenge | undefined,
  signal: AbortSignal | undefined,
): Replaced | Promise<Replaced> {
  const { ledger, now, place } = core.parts;
  if (begun === PLAIN) return { undelivered: 'signed-out' };
  if (begun !== ledger.life) return over(begun);
  const { held } = ledger;
  const at = now();
  if (!held) return core.cookies ? restore(core, refused, begun, signal, at) : { undelivered: 'signed-out' };
  if (held !== refused && !ledger.expired(at)) return { held, minted: false };
  if (place.store.readOnly) return { undelivered: 'read-only' };
  if (!grantFor(core.parts)) {
    if (ledger.expired(at)) ledger.end('expired', undefined);
    return { undelivered: 'no-refresh-token' };
  }
  if (ledger.refusedFresh(held, at)) return { undelivered: 'refused-fresh' };
  const counts = !ledger.expired(at);
  if (!core.flights.current) {
    if (counts && budgetSpent(ledger.record?.refusals, at)) return { undelivered: 'refresh-limit' };
    const retryAt = ledger.coolingUntil(at);
    if (retryAt !== undefined) return Promise.reject(coolingDown(retryAt));
  }
  const purpose = { from: held, refused: true, counts, challenge };
  return renew(core, purpose, refused, begun, signal);
}

/** Cookies were sent without a stamp and refused: whether somebody is signed in is asked once. */
function restore(
  core: Core,
  refused: Held | undefined,
  begun: Life,
  signal: AbortSignal | undefined,
  at: number,
): Replaced | Promise<Replaced> {
  const { ledger } = core.parts;
  if (ledger.record?.ended || ledger.cause === 'user') return { undelivered: 'signed-out' };
  if (!core.flights.current) {
    const retryAt = ledger.coolingUntil(at);
    if (retryAt !== undefined)
      return ledger.nobody ? { undelivered: 'signed-out' } : Promise.reject(coolingDown(retryAt));
  }
  return renew(core, fromNothing, refused, begun, signal);
}

/** What everybody gets who waits for the same renewal for the same reason. */
export interface Shared {
  readonly waiting: Promise<Outcome>;
  readonly refused: Held | undefined;
  readonly begun: Life;
  readonly replaced: Promise<Replaced>;
}

function renew(
  core: Core,
  purpose: Purpose,
  refused: Held | undefined,
  begun: Life,
  signal: AbortSignal | undefined,
): Promise<Replaced> {
  const waiting = core.flights.join(purpose, true).wait(core.parts.timeoutMs);
  const { shared } = core;
  if (shared?.waiting === waiting && shared.refused === refused && shared.begun === begun)
    return unlessAborted(shared.replaced, signal);
  const replaced = waiting.then((outcome) => {
    const first = replacedBy(core.parts, outcome, begun);
    // A flight that was under way for an older token brought nothing new: this refusal begins its own.
    const stale = 'held' in first && first.held === refused && purpose.from === refused;
    if (!stale || first.minted) return first;
    const again = core.flights.join(purpose, true).wait(core.parts.timeoutMs);
    return again.then((second) => replacedBy(core.parts, second, begun));
  });
  core.shared = { waiting, refused, begun, replaced };
  return unlessAborted(replaced, signal);
}

/** What a renewal's outcome means to a call that began in this life. */
export function replacedBy({ ledger }: Parts, outcome: Outcome, begun: Life): Replaced {
  if (begun !== ledger.life) return over(begun);
  if (outcome.type === 'failed') throw outcome.error;
  if (outcome.type === 'undelivered') return { undelivered: outcome.reason };
  const held: HeldCredentials | undefined = ledger.held;
  if (outcome.type !== 'renewed' || !held) return { undelivered: 'signed-out' };
  return { held, minted: outcome.minted };
}

/** The sign-in that the call began in is over. */
export function over(begun: Life): Replaced {
  return { undelivered: begun.id === undefined ? 'signed-out' : 'session-ended' };
}
