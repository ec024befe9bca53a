import { type AnyAuthError, TokenResponseError } from '../errors.js';
import { sameSubject } from '../protocol/jwt.js';
import type { Minted } from '../protocol/record.js';
import { forbiddenReason, isGranted, type StepUpNeed, scopeUnion } from '../protocol/step-up.js';
import { commit } from './commit.js';
import type { Engine } from './engine.js';
import { reasonOf } from './failure.js';
import { Flight, type Outcome } from './flight.js';
import type { StepUp } from './grant.js';
import type { Judged } from './judged.js';
import type { Parts } from './parts.js';
import { once } from './policy.js';
import { inTurn } from './turn.js';
import { inTurnOf } from './turn-of.js';
import { pause, unlessAborted } from './wait.js';

/**
 * How long the turn is kept, in milliseconds: enough to post the refresh token without a race. Who asks a user takes
 * longer, and must not keep the other contexts from renewing.
 */
const TURN_SHARE_MS = 5_000;

/** Asks with the newest tokens of the store, and saves what comes before anybody is released. */
export async function stepUp(
  engine: Engine<unknown>,
  ask: StepUp,
  need: StepUpNeed,
  url: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { parts } = engine;
  const { ledger } = parts;
  const { life, held: from } = ledger;
  const purpose = { from, refused: false, counts: false, explicit: true, beside: 'step-up' } as const;
  const flight = new Flight(life, purpose, false);
  let wanted = need;
  let asking: Promise<Judged> | undefined;
  const early = await inTurnOf(engine, flight, (turn) =>
    inTurn(parts, flight, turn, async (): Promise<Outcome | undefined> => {
      const held = ledger.record?.tokens;
      if (!held) return { type: 'ended' };
      // another context has met it while this one waited for the turn
      if (ledger.held !== from && isGranted(held.scope, need)) return { type: 'renewed', minted: false };
      const all: StepUpNeed =
        need.type === 'scope' ? { ...need, scope: scopeUnion(held.scope, need.scope) } : need;
      wanted = all;
      asking = once(parts, (context) => ask(all, { ...context, held, url }), need.challenge, signal);
      const soon = Promise.race([asking, pause(TURN_SHARE_MS, true)]);
      const judged = await unlessAborted(soon, turn).catch(() => undefined);
      return judged ? settle(parts, flight, all, judged) : undefined;
    }),
  );
  if (early !== undefined) return early;
  const judged = await unlessAborted(asking as unknown as Promise<Judged>, signal).catch((error) => {
    void asking?.then((late) => (late.type === 'minted' ? parts.revoke(late.minted.tokens) : undefined));
    throw error;
  });
  const save = async () => settle(parts, flight, wanted, judged);
  if (judged.type !== 'minted') return save();
  // without the turn it is saved by compare-and-set, and kept in memory where that fails
  return inTurnOf(engine, flight, save).catch(save);
}

function settle(parts: Parts, flight: Flight, need: StepUpNeed, judged: Judged): Outcome | Promise<Outcome> {
  const { ledger } = parts;
  if (judged.type === 'over') return { type: 'undelivered', reason: forbiddenReason(need) };
  if (judged.type !== 'minted') return failed(parts, judged.error, reasonOf(judged, false));
  const { tokens } = judged.minted;
  const { record } = ledger;
  const held = record?.tokens;
  if (tokens && held && !sameSubject(held.idToken, tokens.idToken)) {
    void parts.revoke(tokens);
    const issue = { path: ['idToken'], message: 'must be of the user who is signed in' };
    const error = new TokenResponseError('stepUp: the tokens are of another user', { issues: [issue] });
    return failed(parts, error, 'token-response');
  }
  // RFC 6749, section 5.1: without `scope` it is what was asked for
  const scope = tokens?.scope ?? (need.type === 'scope' ? need.scope.join(' ') : undefined);
  const minted: Minted = tokens && scope ? { ...judged.minted, tokens: { ...tokens, scope } } : judged.minted;
  flight.answered = true;
  const { posted } = ledger.unsaved ?? { posted: held?.refreshToken };
  return commit(parts, flight, minted, posted, record?.revision ?? 0);
}

function failed({ emitter, now }: Parts, error: AnyAuthError, reason: ReturnType<typeof reasonOf>): Outcome {
  emitter.emit({ type: 'refresh-failed', at: now(), reason, error, retryAt: undefined });
  return { type: 'failed', error };
}
