import { RefreshUnavailableError, SignedOutError } from '../errors.js';
import { budgetSpent, recentRefusals } from '../protocol/cooldown.js';
import type { Held } from '../protocol/session-core.js';
import { ahead, type Core, fromNothing } from './core.js';
import type { HeldCredentials, Life } from './life.js';
import type { Parts } from './parts.js';
import { coolingDown, grantFor } from './turn.js';
import type { AccessToken } from './types.js';
import { unlessAborted } from './wait.js';

/** What a socket or another client may see. */
export function accessTokenOf(held: Held): AccessToken {
  return { accessToken: held.accessToken, tokenType: held.tokenType, expiresAt: held.expiresAt };
}

/** Renews now, or joins the renewal under way; the cooldown holds for it too. */
export async function renewNow(core: Core, signal: AbortSignal | undefined): Promise<Held> {
  const { ledger, place, inGrant } = core.parts;
  if (inGrant) throw new TypeError('refresh: not from inside `refresh`, `acquire` or `stepUp`');
  const begun = core.begin();
  if (!ledger.known) await unlessAborted(Promise.resolve(core.load()), signal);
  const { held } = ledger;
  if (begun !== ledger.life || (!held && !core.parts.acquire)) throw ended(begun);
  if (held && place.store.readOnly) throw new RefreshUnavailableError('The store is read-only: no refresh');
  if (!grantFor(core.parts)) throw new RefreshUnavailableError('There is nothing to refresh with');
  const retryAt = ledger.coolingUntil(core.parts.now());
  if (!core.flights.current && retryAt !== undefined) throw coolingDown(retryAt);
  return renewal(core, held, begun, signal);
}

/** One that lasts as long as asked; a life too short for that is renewed once four fifths are not left. */
export async function validFor(
  core: Core,
  held: Held,
  validForMs: number,
  signal: AbortSignal | undefined,
): Promise<Held> {
  const { ledger, now, place } = core.parts;
  if (typeof validForMs !== 'number' || !(validForMs >= 0))
    throw new TypeError('token: validForMs must be a number of milliseconds');
  const { mintedAt, expiresAt } = ledger.record ?? {};
  if (mintedAt === undefined || expiresAt === undefined || expiresAt <= mintedAt) return held;
  const wanted = Math.min(validForMs, (expiresAt - mintedAt) * 0.8);
  if (mintedAt > now() || expiresAt - now() >= wanted) return held;
  if (place.store.readOnly || !grantFor(core.parts)) return held;
  if (!core.flights.current && ledger.coolingUntil(now()) !== undefined) return held;
  const { life } = ledger;
  const flight = core.flights.join(ledger.held ? ahead(ledger.held) : fromNothing, true);
  const outcome = await unlessAborted(flight.wait(core.parts.timeoutMs), signal);
  if (life !== ledger.life) throw ended(life);
  // Only a token that has expired fails with its refresh.
  if (outcome.type === 'failed' && ledger.expired(now())) throw outcome.error;
  return ledger.held ?? held;
}

/** When a refusal may begin a refresh again, as far as it is known. */
export function retryAtOf({ ledger, now }: Parts): number | undefined {
  const { refusals, mintedAt } = ledger.record ?? {};
  const at = now();
  if (ledger.coolingUntil(at) !== undefined) return ledger.coolingUntil(at);
  if (budgetSpent(refusals, at)) return Math.min(...recentRefusals(refusals, at)) + 60_000;
  return ledger.held?.refusedYoung && mintedAt !== undefined ? mintedAt + ledger.youth.ms : undefined;
}

async function renewal(
  core: Core,
  held: HeldCredentials | undefined,
  begun: Life,
  signal: AbortSignal | undefined,
): Promise<Held> {
  const { ledger, timeoutMs } = core.parts;
  const flight = core.flights.join(held ? ahead(held) : fromNothing, true);
  const outcome = await unlessAborted(flight.wait(timeoutMs), signal);
  if (begun !== ledger.life) throw ended(begun);
  if (outcome.type === 'failed') throw outcome.error;
  if (outcome.type === 'undelivered')
    throw new RefreshUnavailableError(`The token cannot be renewed: ${outcome.reason}`, {
      retryAt: retryAtOf(core.parts),
    });
  if (!ledger.held) throw ended(begun);
  return ledger.held;
}

function ended(begun: Life): Error {
  return begun.ended?.error ?? new SignedOutError();
}
