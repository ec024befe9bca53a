import { RefreshMisconfiguredError, RefreshUnavailableError } from '../errors.js';
import { commit } from './commit.js';
import { fromNothing } from './core.js';
import type { Engine } from './engine.js';
import { unrenewed } from './failure.js';
import { Flight, type Outcome } from './flight.js';
import type { DerivedFor, GrantContext, Renewed } from './grant.js';
import type { Judged } from './judged.js';
import type { Life } from './life.js';
import type { Parts } from './parts.js';
import { noteLost, once } from './policy.js';
import { rejected } from './rejection.js';
import { canRefresh, inTurn } from './turn.js';
import { inTurnOf } from './turn-of.js';

/**
 * Another access token of this sign-in, in its turn and with its refresh token; or of the client itself, where nothing is
 * renewed. null: nobody is signed in, or somebody else.
 */
export async function exchange(
  engine: Engine<unknown>,
  life: Life,
  target: DerivedFor,
  { signal }: GrantContext,
): Promise<Renewed> {
  const { parts, loader, flights } = engine;
  const { ledger, refresh, acquire, timeoutMs } = parts;
  if (!ledger.known) await loader.ensure();
  const isOver = ledger.cause === 'user' || ledger.record?.ended === 'signed-out';
  if (life !== ledger.life || (isOver && !ledger.held)) return null;
  if (!refresh) {
    if (!acquire) return null;
    const judged = await once(parts, (context) => acquire({ ...context, target }), undefined, signal);
    if (life === ledger.life) return own(judged);
    if (judged.type === 'minted') void parts.revoke(judged.minted.tokens);
    return null;
  }
  if (!ledger.held && acquire) {
    const outcome = await flights.join(fromNothing, true).wait(timeoutMs);
    if (outcome.type === 'failed') throw outcome.error;
  }
  const { held: from } = ledger;
  if (life !== ledger.life || !from) return null;
  if (parts.place.store.readOnly)
    throw new RefreshMisconfiguredError('The store is read-only: no other token can be derived');
  const flight = new Flight(life, { from, refused: false, counts: false, beside: 'derived' }, true);
  const came = await inTurnOf(engine, flight, (turn) =>
    inTurn(parts, flight, turn, () => renew(parts, flight, target, turn)),
  );
  return life === ledger.life ? own(came) : null;
}

async function renew(
  parts: Parts,
  flight: Flight,
  target: DerivedFor,
  signal: AbortSignal,
): Promise<Judged | Outcome> {
  const { ledger, refresh } = parts;
  const { stored: since, record } = ledger;
  const held = record?.tokens ?? { accessToken: '' };
  if (!refresh || !canRefresh(refresh, record?.tokens))
    throw new RefreshMisconfiguredError('There is no refresh token to derive another access token with');
  const judged = await once(parts, (context) => refresh({ ...context, held, target }), undefined, signal);
  if (judged.type === 'minted') {
    const fresh = judged.minted.tokens?.refreshToken ?? held.refreshToken;
    if (flight.life === ledger.life && fresh === held.refreshToken) return judged;
    flight.answered = true;
    const outcome = await commit(parts, flight, judged.minted, held.refreshToken, since);
    return outcome.type === 'ended' ? outcome : judged;
  }
  if (judged.type === 'unavailable' && judged.lost) noteLost(parts);
  // What the token endpoint asks for holds for all that is asked there.
  if (judged.type === 'unavailable' && judged.retryAfterMs !== undefined)
    return unrenewed(parts, flight, { judged, lost: false }, signal);
  if (judged.type !== 'over') return judged;
  // Whoever lost the turn concludes nothing: the next holder may have spent the token before.
  if (signal.aborted) throw movedOn();
  return rejected(parts, flight, judged.error, held.refreshToken);
}

/** Only the access token is the derived session's. */
function own(came: Judged | Outcome): Renewed {
  if (came.type !== 'minted') throw 'error' in came ? came.error : movedOn();
  const { accessToken, tokenType, expiresAt, scope } = came.minted.tokens ?? { accessToken: '' };
  return { accessToken, tokenType, expiresAt, scope };
}

function movedOn(): RefreshUnavailableError {
  return new RefreshUnavailableError("The session's record changed while a token was derived");
}
