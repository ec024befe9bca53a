import type { SessionRecord } from '../../src/protocol/record.js';
import type { Call } from './calls.js';
import { isShared } from './faults.js';
import { LiveTurn } from './live-turn.js';
import type { Turn } from './turns.js';
import type { World } from './world.js';

/** What is written, in which order, and which tokens were safe when they were used or spent. */
export class Records {
  /** Every token that was ever written. */
  readonly #stored = new Map<string, number>();
  /** Tokens of a save that was made to fail, to hang or to land late. */
  readonly #faulted = new Set<string>();
  readonly #familyOfId = new Map<string, number>();
  readonly #replaced = new Set<string>();
  /** The highest revision that each sign-in had. */
  readonly #highest = new Map<string, number>();
  /** When the cooldown that is stored was written. */
  #cooledAt = 0;
  /** Turns in which a record with holderUntil was written. */
  readonly #announced = new WeakSet<Turn>();
  /** The turns in which a refresh token was posted. */
  readonly #posted = new Map<string, Turn[]>();
  readonly #killed = new Set<number>();
  readonly #toldDead = new Set<string>();
  /** Spent tokens that were posted again for a reason. */
  readonly #excused = new Set<string>();
  readonly #world: World;
  readonly #violate: (what: string) => void;

  constructor(of: World, violate: (what: string) => void) {
    this.#world = of;
    this.#violate = violate;
  }

  get #exclusive(): boolean {
    return this.#world.settings.store !== 'text';
  }

  wasStored(family: number): boolean {
    for (const stored of this.#familyOfId.values()) if (stored === family) return true;
    return false;
  }

  familyOfId(id: string): number | undefined {
    return this.#familyOfId.get(id);
  }

  /** The sign-in that the store holds; undefined: none, or one that has ended. */
  storedFamily(context: number): number | undefined {
    const { record } = this.#world.placeOf(context);
    return record && !record.ended ? this.#familyOfId.get(record.id) : undefined;
  }

  faulted(next: SessionRecord): void {
    for (const token of tokensOf(next)) this.#faulted.add(token);
  }

  wrote(context: number, before: SessionRecord | undefined, next: SessionRecord): void {
    const { provider } = this.#world;
    const place = this.#world.placeOf(context);
    for (const token of tokensOf(next))
      this.#stored.set(token, this.#stored.get(token) ?? this.#world.scheduler.now);
    const family = provider.familyOf(next.tokens?.accessToken);
    if (family) this.#familyOfId.set(next.id, family.number);
    const turn = place.turns.last.get(context);
    if (turn && !turn.over && next.holderUntil !== undefined) this.#announced.add(turn);
    const ended = provider.families[(this.#familyOfId.get(next.id) ?? 0) - 1];
    if (next.ended === 'rejected' && ended && !ended.dead && this.#mayJudge(before, ended.current)) {
      this.#violate(`context ${context} ends ${next.id} as rejected, and the provider never said so`);
    }
    this.#highest.set(next.id, Math.max(this.#highest.get(next.id) ?? 0, next.revision));
    if (next.notBefore !== before?.notBefore) this.#cooledAt = this.#world.scheduler.now;
    if (!before || !this.#exclusive) return;
    if (next.revision <= before.revision) this.#violate(`revision ${next.revision} over ${before.revision}`);
    if (next.id === before.id) this.#wroteSame(context, before, next);
    else {
      // The higher revision wins where a failover lost it.
      const isHigher = (this.#highest.get(next.id) ?? 0) >= before.revision && place.failedOverAt >= 0;
      if (this.#replaced.has(next.id) && !isHigher)
        this.#violate(`context ${context} brings ${next.id} back over ${before.id}`);
      this.#replaced.add(before.id);
    }
  }

  /** Whether nothing that was broken can explain that good tokens are ended. */
  #mayJudge(before: SessionRecord | undefined, current: string): boolean {
    const { strict, rates, upheavals } = this.#world.settings;
    if (strict && this.#exclusive) return true;
    // Where reuse is only refused, a token whose successor was lost is dead for good.
    if (before?.tokens?.refreshToken !== current) return false;
    return this.#exclusive || (Object.keys(rates).length === 0 && upheavals.length === 0);
  }

  #wroteSame(context: number, before: SessionRecord, next: SessionRecord): void {
    const { spent } = this.#world.provider;
    const { reuses } = this.#world.oracle;
    // It meets what it cannot have seen.
    if (reuses.isTwice(context, before)) return;
    if (before.ended === 'signed-out' && next.ended !== 'signed-out') {
      this.#violate(`context ${context} writes over its own signed-out ${before.id}`);
    }
    const areOver = next.ended !== undefined && before.ended !== undefined;
    // A sign-out ends whatever has been renewed since.
    if (next.generation < before.generation && !areOver && next.ended !== 'signed-out') {
      this.#violate(`context ${context} writes generation ${next.generation} over ${before.generation}`);
    }
    const was = before.tokens?.refreshToken;
    const is = next.tokens?.refreshToken;
    if (was !== undefined && is !== undefined && was !== is) {
      const isOnlyRotated = next.tokens?.accessToken === before.tokens?.accessToken;
      const isBack = this.#world.oracle.reuses.putsBack(before, next);
      if (next.generation === before.generation && !isOnlyRotated && !isBack)
        this.#violate(`context ${context} writes new tokens as generation ${next.generation}`);
      if (spent.has(is) && !spent.has(was) && !isBack)
        this.#violate(`context ${context} writes the spent ${is} over ${was}`);
    }
  }

  posted(context: number, token: string, clock: number): void {
    const { scheduler, provider } = this.#world;
    const place = this.#world.placeOf(context);
    const turn = place.turns.last.get(context);
    // Judged now: the tokens that it was spent for may be saved while it is on its way.
    if (!isShared(this.#world.settings) && provider.spent.has(token) && this.explainsReuse(context, token))
      this.#excused.add(token);
    if (!turn || (turn.over && this.#exclusive)) {
      this.#violate(`context ${context} posts without a turn`);
      return;
    }
    this.#posted.set(token, [...(this.#posted.get(token) ?? []), turn]);
    const held = scheduler.now - turn.startedAt;
    if (held > 30_000 && !this.#world.settings.upheavals.includes('pause'))
      this.#violate(`context ${context} posts ${held} ms after its turn began`);
    if (!this.#exclusive) return;
    if (this.#toldDead.has(`${context} ${token}`)) {
      this.#violate(`context ${context} posts ${token}, which it knows is dead`);
    }
    const { notBefore = 0 } = place.record ?? {};
    const { settings } = this.#world;
    const { upheavals, skewMs } = settings;
    // One that lies beyond five minutes by the clock of who reads it is ignored.
    const longest = upheavals.includes('clockJump') ? 0 : 290_000 - skewMs;
    // What was put back by another context while the turn went on was not seen in it.
    const isSeen = this.#cooledAt <= turn.startedAt;
    if (isSeen && notBefore > clock && notBefore <= clock + longest) {
      this.#violate(`context ${context} posts ${notBefore - clock} ms before the cooldown ends`);
    }
    if (turn.signal.aborted) this.#violate(`context ${context} posts after the signal of its turn`);
    // Only what its own clock cannot tell.
    if (turn instanceof LiveTurn && turn.lost && turn.lostBy !== 'failover lost the lease')
      this.#violate(`context ${context} posts although its turn was lost (${turn.lostBy})`);
    // What another has acquired whose turn a failover lost was not there when this one looked.
    const isUnseen = turn.lost || (settings.service && place.failedOverAt >= 0);
    if (!isUnseen && !this.#announced.has(turn) && place.record && !place.record.ended)
      this.#violate(`context ${context} posts without having written that it holds the turn`);
  }

  /** A record says that the turn is held. */
  hasAnnounced(turn: Turn): boolean {
    return this.#announced.has(turn);
  }

  /** An access token is used by somebody. */
  used(call: Call, token: string): void {
    const { provider, settings } = this.#world;
    const access = provider.access.get(token);
    if (access?.by === undefined) return;
    // Of a derived session's tokens only the refresh token is kept, in place of the one that was spent.
    const { refreshToken = '' } = this.#world.placeOf(call.context.index).record?.tokens ?? {};
    if (access.target !== undefined && provider.spent.get(refreshToken)?.access !== token) return;
    const kept = access.target === undefined ? token : access.refresh;
    if (kept === undefined || this.#stored.has(kept) || this.#faulted.has(kept)) return;
    // A save that found another revision, and a load that cannot tell whose.
    if (settings.rates.loadFails || settings.rates.loadHangs || settings.rates.loadIsSlow) return;
    this.#violate(`call ${call.id} uses ${token} before it was saved`);
  }

  /** Whether what was broken on purpose explains that a spent token was posted. */
  explainsReuse(context: number, token: string): boolean {
    const spent = this.#world.provider.spent.get(token);
    if (!this.#exclusive || !spent?.delivered || spent.slow || this.#excused.has(token)) return true;
    if (this.#posted.get(token)?.some((turn) => turn.lost)) return true;
    if (this.#killed.has(spent.by) || this.#killed.has(context)) return true;
    // Its successor could not be saved, or only after the turn had begun in which it was spent again.
    const stored = this.#stored.get(spent.successor) ?? Number.POSITIVE_INFINITY;
    const since = this.#world.placeOf(context).turns.last.get(context)?.startedAt ?? 0;
    return this.#faulted.has(spent.successor) && stored > since;
  }

  toldDead(context: number, token: string): void {
    const { rates, upheavals } = this.#world.settings;
    // Where the store cannot be read again, nobody can say that it still holds this token.
    if (rates.loadFails || rates.loadHangs || rates.loadIsSlow || upheavals.includes('storeDown')) return;
    this.#toldDead.add(`${context} ${token}`);
  }

  /** What had replaced it is lost. */
  failedOver(after: SessionRecord | undefined): void {
    if (after) this.#replaced.delete(after.id);
  }

  killed(context: number): void {
    this.#killed.add(context);
  }
}

function tokensOf(record: SessionRecord): string[] {
  return [record.tokens?.accessToken, record.tokens?.refreshToken].filter((token) => token !== undefined);
}
