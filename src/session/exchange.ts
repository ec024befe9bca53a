import { RefreshMisconfiguredError, RefreshUnavailableError } from '../errors.js';
import type { TokenSet } from '../protocol/token-set.js';
import { fromNothing } from './core.js';
import type { Engine } from './engine.js';
import { Flight } from './flight.js';
import type { DerivedFor, GrantContext, Renewed } from './grant.js';
import type { Judged } from './judged.js';
import { once } from './policy.js';
import { rejected } from './rejection.js';
import { saveRotation } from './rotation.js';
import { canRefresh, coolingDown, holdTurn } from './turn.js';
import { inTurnOf, loadNewest } from './turn-of.js';

/**
 * Another access token of the sign-in, in its turn and with its refresh token; or of the client itself, where nothing is
 * renewed. null: nobody is signed in.
 */
export async function exchange(
  engine: Engine<unknown>,
  target: DerivedFor,
  { signal }: GrantContext,
): Promise<Renewed> {
  const { parts, loader, flights } = engine;
  const { ledger, refresh, acquire, timeoutMs } = parts;
  if (!ledger.known) await loader.ensure();
  const isOver = ledger.cause === 'user' || ledger.record?.ended === 'signed-out';
  if (!refresh) {
    if (!acquire || isOver) return null;
    return own(await once(parts, (context) => acquire({ ...context, target }), undefined, signal));
  }
  if (!ledger.held && acquire && !isOver) {
    const outcome = await flights.join(fromNothing, true).wait(timeoutMs);
    if (outcome.type === 'failed') throw outcome.error;
  }
  if (!ledger.held) return null;
  if (parts.place.store.readOnly)
    throw new RefreshMisconfiguredError('The store is read-only: no other token can be derived');
  return inTurnOf(parts, () => renew(engine, target, signal));
}

async function renew({ parts }: Engine<unknown>, target: DerivedFor, signal: AbortSignal): Promise<Renewed> {
  const { ledger, refresh } = parts;
  const { life } = ledger;
  await loadNewest(parts);
  const { held: from } = ledger;
  if (life !== ledger.life || !from || !refresh) return null;
  const retryAt = ledger.coolingUntil(parts.now());
  if (retryAt !== undefined) throw coolingDown(retryAt);
  if (!canRefresh(refresh, ledger.record?.tokens)) {
    throw new RefreshMisconfiguredError('There is no refresh token to derive another access token with');
  }
  const flight = new Flight(life, { from, refused: false, counts: false }, true);
  if (!(await holdTurn(parts, flight)) || life !== ledger.life) throw movedOn();
  const held: TokenSet = ledger.record?.tokens ?? { accessToken: '' };
  const posting = { id: life.id };
  ledger.posting = posting;
  try {
    const judged = await once(parts, (context) => refresh({ ...context, held, target }), undefined, signal);
    if (judged.type === 'over') {
      const outcome = await rejected(parts, flight, judged.error, false, held.refreshToken);
      throw outcome.type === 'renewed' ? movedOn() : judged.error;
    }
    const fresh = judged.type === 'minted' ? judged.minted.tokens?.refreshToken : undefined;
    const isKept = fresh === undefined || (await saveRotation(parts, life, held.refreshToken, fresh));
    if (!isKept) {
      if (judged.type === 'minted') void parts.revoke(judged.minted.tokens);
      return null;
    }
    return own(judged);
  } finally {
    if (ledger.posting === posting) ledger.posting = undefined;
  }
}

/** Only the access token is the derived session's. */
function own(judged: Judged): Renewed {
  if (judged.type !== 'minted') throw judged.error;
  const { accessToken, tokenType, expiresAt, scope } = judged.minted.tokens as TokenSet;
  return { accessToken, tokenType, expiresAt, scope };
}

function movedOn(): RefreshUnavailableError {
  return new RefreshUnavailableError("The session's record changed while a token was derived");
}
