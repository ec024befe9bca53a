import { RefreshRejectedError, RefreshUnavailableError } from '../errors.js';
import { budgetSpent } from '../protocol/cooldown.js';
import { holding, type SessionRecord } from '../protocol/record.js';
import type { TokenSet } from '../protocol/token-set.js';
import { commit } from './commit.js';
import { unrenewed } from './failure.js';
import type { Flight, Outcome } from './flight.js';
import type { Acquire, GrantContext, Refresh, Renewed } from './grant.js';
import type { Parts } from './parts.js';
import { ask } from './policy.js';
import { rejected } from './rejection.js';
import { isPromise, pause } from './wait.js';

/** A turn never lasts longer, in milliseconds: who waits for it re-reads then. */
export const TURN_MS = 30_000;
const LONGEST_PROMPT_MS = 86_400_000;
const HOLD_TRIES = 5;
const BEHIND_MS = 100;

/** What happens while this context has the turn: load; newer? adopt; cooling? fail; say so; ask; save. */
export async function inTurn<T = Outcome>(
  parts: Parts,
  flight: Flight,
  signal: AbortSignal,
  post: (parts: Parts, flight: Flight, signal: AbortSignal) => Promise<T | Outcome> = posted,
): Promise<T | Outcome> {
  const { ledger } = parts;
  for (let tries = 0; tries < HOLD_TRIES && !signal.aborted; tries++) {
    const early = await seen(parts, flight);
    if (early === 'behind') {
      await pause(BEHIND_MS * 2 ** tries);
      continue;
    }
    if (early) return early;
    const dead = ledger.held ? ledger.dead : undefined;
    if (dead !== undefined && ledger.record?.tokens?.refreshToken === dead)
      return rejected(parts, flight, new RefreshRejectedError(), dead);
    const held = holdTurn(parts, flight);
    if (!(isPromise(held) ? await held : held) || signal.aborted) continue;
    if (flight.life !== ledger.life) return { type: 'ended' };
    const posting = { id: ledger.life.id };
    ledger.posting = flight.posting = posting;
    try {
      return await post(parts, flight, signal);
    } finally {
      if (ledger.posting === posting) ledger.posting = undefined;
    }
  }
  throw new RefreshUnavailableError("The session's record changed too often to be refreshed");
}

/** Asks with what is held now, and makes of the answer what it says. */
async function posted(parts: Parts, flight: Flight, signal: AbortSignal): Promise<Outcome> {
  const { ledger } = parts;
  const since = ledger.stored;
  const { held } = ledger;
  const spent = held && ledger.record?.tokens?.refreshToken;
  const grant = grantFor(parts);
  if (!grant) return { type: 'undelivered', reason: 'no-refresh-token' };
  parts.emitter.emit({ type: 'refreshing', at: parts.now() });
  flight.posted = true;
  const answer = await ask(parts, flight, grant, signal);
  const { judged } = answer;
  if (judged.type === 'minted') {
    flight.answered = true;
    if (held || !ledger.held || flight.life !== ledger.life)
      return commit(parts, flight, judged.minted, spent, since);
    // Somebody signed in elsewhere meanwhile, and the tokens may be of somebody else.
    void parts.revoke(judged.minted.tokens);
    return { type: 'renewed', minted: false };
  }
  if (judged.type !== 'over') {
    const isNewer = flight.life === ledger.life && ledger.held && ledger.held !== held;
    return isNewer ? { type: 'renewed', minted: false } : unrenewed(parts, flight, answer, signal);
  }
  // Whoever lost the turn concludes nothing: the next holder may have spent the token before.
  if (signal.aborted) {
    ledger.missed = true;
    return { type: 'failed', error: judged.error };
  }
  return rejected(parts, flight, judged.error, spent);
}

type Seen = Outcome | 'behind' | undefined;

/** What the store says before anything is asked; 'behind': it holds what could not be taken yet. */
function seen(parts: Parts, flight: Flight): Seen | Promise<Seen> {
  const { ledger } = parts;
  const look = ledger.look();
  const take = (found: SessionRecord | undefined): Seen => {
    const isOld = ledger.loaded(found, look);
    return judge(parts, flight) ?? (isOld || ledger.inStep(found) ? undefined : 'behind');
  };
  const loading = parts.place.load();
  return isPromise(loading) ? loading.then(take) : take(loading);
}

function judge(parts: Parts, flight: Flight): Outcome | undefined {
  const { ledger } = parts;
  const { from, explicit, counts, beside } = flight.purpose;
  if (flight.life !== ledger.life) return { type: 'ended' };
  const now = parts.now();
  if (!beside && ledger.held && ledger.held !== from && !ledger.expired(now))
    return { type: 'renewed', minted: false };
  const retryAt = explicit ? undefined : ledger.coolingUntil(now);
  if (retryAt !== undefined) return { type: 'failed', error: coolingDown(retryAt) };
  if (counts && budgetSpent(ledger.record?.refusals, now))
    return { type: 'undelivered', reason: 'refresh-limit' };
  return undefined;
}

/** An answer may still come, but what is told meanwhile is not passed over for longer than another turn takes. */
export async function forget({ ledger }: Parts, flight: Flight, landed: () => void): Promise<void> {
  await pause(TURN_MS, true);
  if (!flight.posting || ledger.posting !== flight.posting) return;
  ledger.posting = undefined;
  landed();
}

/** What renews the credentials held, or obtains the first; undefined: nothing can. */
export function grantFor(parts: Parts): ((context: GrantContext) => Promise<Renewed>) | undefined {
  const { refresh, acquire, ledger } = parts;
  const tokens = ledger.record?.tokens;
  if (ledger.held && refresh && canRefresh(refresh, tokens))
    return (context) => refresh({ ...context, held: tokens ?? { accessToken: '' } });
  return acquire;
}

/** How long the user may take who would be asked for tokens now, or by `grant`; 0: nobody would be. */
export function promptMsOf(parts: Parts, grant: Acquire | undefined = grantFor(parts)): number {
  const ms = grant?.promptMs;
  return ms && ms > 0 ? Math.min(ms, LONGEST_PROMPT_MS) : 0;
}

/** Whether this refresh has what it needs. */
export function canRefresh(refresh: Refresh, tokens: TokenSet | undefined): boolean {
  return tokens?.refreshToken !== undefined || !refresh.needsRefreshToken;
}

/** Saves who holds the turn; false: the store moved on, look again. A store that cannot write costs a call, not the family. */
function holdTurn(parts: Parts, flight: Flight): boolean | Promise<boolean> {
  const { ledger, place } = parts;
  const base = ledger.held ? ledger.record : undefined;
  const now = parts.now();
  const refusedAt = flight.purpose.counts ? now : undefined;
  if (!base) return true;
  const until = now + Math.max(TURN_MS, flight.promptMs);
  const next = ledger.revised(holding(base, until, refusedAt));
  if (!place.store.exclusive) {
    ledger.keep({ ...next, revision: base.revision });
    return true;
  }
  const held = (saved: boolean) => {
    // The store may have told of this very write before it answered; of something newer: look at that first.
    const { record } = ledger;
    const echoed = record?.id === next.id && record.revision === next.revision;
    if (!saved || !ledger.held || (record !== base && !echoed)) return false;
    // Frozen or asleep since: by now the turn may be another's, and its refresh token spent.
    if (parts.now() >= until) return false;
    ledger.wroteThere(next);
    ledger.unsaved = undefined;
    ledger.keep(next);
    return true;
  };
  const saving = place.save(next, ledger.stored);
  return isPromise(saving) ? saving.then(held) : held(saving);
}

/** The last renewal failed, and the next is not to be tried before `retryAt`. */
export function coolingDown(retryAt: number): RefreshUnavailableError {
  return new RefreshUnavailableError('The last refresh failed; the next may be tried later', { retryAt });
}
