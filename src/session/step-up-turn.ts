import { TokenResponseError } from '../errors.js';
import { sameSubject } from '../protocol/jwt.js';
import type { Minted } from '../protocol/record.js';
import { forbiddenReason, type StepUpNeed, scopeUnion } from '../protocol/step-up.js';
import { commit } from './commit.js';
import { reasonOf } from './failure.js';
import { Flight, type Outcome } from './flight.js';
import type { StepUp } from './grant.js';
import type { Judged } from './judged.js';
import type { Parts } from './parts.js';
import { once } from './policy.js';
import { inTurnOf, loadNewest } from './turn-of.js';
import { pause, unlessAborted } from './wait.js';

/**
 * How long the turn is kept, in milliseconds: enough to post the refresh token without a race. Who asks a user takes
 * longer, and must not keep the other contexts from renewing.
 */
const TURN_SHARE_MS = 5_000;

/** Asks with the newest tokens of the store, and saves what comes before anybody is released. */
export async function stepUp(
  parts: Parts,
  ask: StepUp,
  need: StepUpNeed,
  url: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { ledger } = parts;
  const { life, held: from } = ledger;
  const flight = new Flight(life, { from, refused: false, counts: false }, false);
  let asking: Promise<Judged> | undefined;
  let wanted = need;
  const early = await inTurnOf(parts, async (): Promise<Outcome | undefined> => {
    await loadNewest(parts);
    const held = ledger.record?.tokens;
    if (life !== ledger.life || !held) return { type: 'ended' };
    const all: StepUpNeed =
      need.type === 'scope' ? { ...need, scope: scopeUnion(held.scope, need.scope) } : need;
    wanted = all;
    asking = once(parts, (context) => ask(all, { ...context, held, url }), need.challenge, signal);
    void asking.then((late) => {
      if (signal.aborted && late.type === 'minted') void parts.revoke(late.minted.tokens);
    });
    const judged = await unlessAborted(Promise.race([asking, pause(TURN_SHARE_MS, true)]), signal);
    return judged ? settle(parts, flight, wanted, judged) : undefined;
  });
  if (early !== undefined) return early;
  const judged = await unlessAborted(asking as unknown as Promise<Judged>, signal);
  if (judged.type !== 'minted') return settle(parts, flight, wanted, judged);
  const save = async () => {
    await loadNewest(parts).catch(() => {});
    return settle(parts, flight, wanted, judged);
  };
  // without the turn it is saved by compare-and-set, and kept in memory where that fails
  return inTurnOf(parts, save).catch(save);
}

function settle(parts: Parts, flight: Flight, need: StepUpNeed, judged: Judged): Outcome | Promise<Outcome> {
  const { ledger, emitter } = parts;
  if (judged.type === 'over') return { type: 'undelivered', reason: forbiddenReason(need) };
  if (judged.type !== 'minted') {
    const { error } = judged;
    emitter.emit({
      type: 'refresh-failed',
      at: parts.now(),
      reason: reasonOf(judged, false),
      error,
      retryAt: undefined,
    });
    return { type: 'failed', error };
  }
  const { tokens } = judged.minted;
  const held = ledger.record?.tokens;
  if (tokens && held && !sameSubject(held.idToken, tokens.idToken)) {
    void parts.revoke(tokens);
    const issue = { path: ['idToken'], message: 'must be of the user who is signed in' };
    const error = new TokenResponseError('stepUp: the tokens are of another user', { issues: [issue] });
    emitter.emit({
      type: 'refresh-failed',
      at: parts.now(),
      reason: 'token-response',
      error,
      retryAt: undefined,
    });
    return { type: 'failed', error };
  }
  // RFC 6749, section 5.1: without `scope` it is what was asked for
  const scope = tokens?.scope ?? (need.type === 'scope' ? need.scope.join(' ') : undefined);
  const minted: Minted = tokens && scope ? { ...judged.minted, tokens: { ...tokens, scope } } : judged.minted;
  return commit(parts, flight, minted, held?.refreshToken, ledger.stored);
}
