import { inspect } from 'node:util';
import type { AuthEvent } from '../../src/events.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import { brief } from './brief.js';
import type { Call } from './calls.js';
import type { Context } from './context.js';
import type { Family, Post } from './families.js';
import { isShared } from './faults.js';
import { Lives } from './lives.js';
import { Rates } from './rates.js';
import { Records } from './records.js';
import { Reuses } from './reuses.js';
import { Settlements } from './settlements.js';
import { Tombstones } from './tombstones.js';
import { TurnRules } from './turn-rules.js';
import type { Turn } from './turns.js';
import type { World } from './world.js';

const sendingsPerCall = 6;
const storeDeadlineMs = 3_000;

/** Watches one schedule and says which invariant of the design a step broke. */
export class Oracle {
  readonly violations: string[] = [];
  readonly calls: Call[] = [];
  /** How often the store was read. */
  loads = 0;
  readonly lives: Lives;
  readonly records: Records;
  readonly rates: Rates;
  readonly turns: TurnRules;
  readonly reuses: Reuses;
  readonly #tombstones: Tombstones;
  readonly #settlements: Settlements;
  readonly #world: World;

  constructor(of: World) {
    this.#world = of;
    const violate = (what: string): void => this.violate(what);
    this.lives = new Lives(violate, of.settings.service, of.settings.upheavals.includes('pause'));
    this.records = new Records(of, violate);
    this.rates = new Rates(of, violate);
    this.turns = new TurnRules(of, violate);
    this.reuses = new Reuses(of);
    this.#tombstones = new Tombstones(of, violate);
    this.#settlements = new Settlements(of, violate);
  }

  violate(what: string): void {
    this.violations.push(what);
    this.#world.log(() => `VIOLATION: ${what}`);
  }

  // ── what contexts do ──────────────────────────────────────────────────────

  begin(kind: Call['kind'], context: Context): Call {
    const call: Call = {
      id: this.calls.length,
      kind,
      context,
      beganAt: this.#world.scheduler.now,
      order: this.lives.tick(),
      began: context.shown,
      sendings: 0,
      sentFor: 0,
    };
    this.calls.push(call);
    this.lives.shows(context);
    this.#world.log(() => `call ${call.id} (${kind}) begins in ${context.index} as ${call.began}`);
    return call;
  }

  shows(context: Context): void {
    if (this.lives.shows(context)) {
      this.#world.log(() => `context ${context.index} shows ${context.shown} ${context.cause ?? ''}`);
    }
  }

  sent(context: number, id: number, token: string | undefined): void {
    const call = this.calls[id];
    if (!call) {
      this.violate(`a request lost its header ${id}`);
      return;
    }
    call.sendings++;
    const family = token === undefined ? 'nothing' : this.#world.provider.familyOf(token)?.number;
    this.#world.log(() => `call ${id} sends ${token ?? 'nothing'} from ${context}`);
    if (call.sendings > sendingsPerCall) this.violate(`call ${id} was sent ${call.sendings} times`);
    if (call.settledAt !== undefined) this.violate(`call ${id} is sent after it settled`);
    if (call.abortedAt !== undefined) this.violate(`call ${id} is sent after it was aborted`);
    this.shows(call.context);
    if (token === undefined) {
      this.lives.carriesNothing(call);
      return;
    }
    if (typeof family !== 'number') {
      this.violate(`call ${id} sends an unknown token`);
      return;
    }
    this.lives.carries(call, family);
    this.#isFor(call, token);
    this.records.used(call, token);
  }

  answered(id: number, afterMs: number): void {
    const call = this.calls[id];
    if (call) call.sentFor += afterMs;
  }

  /** A token was handed out for use elsewhere. */
  handedOut(call: Call, token: string): void {
    const family = this.#world.provider.familyOf(token)?.number;
    if (family === undefined) {
      this.violate(`call ${call.id} got an unknown token`);
      return;
    }
    this.lives.carries(call, family);
    this.#isFor(call, token);
    this.records.used(call, token);
  }

  /** No API is shown the token of another. */
  #isFor(call: Call, token: string): void {
    const target = this.#world.provider.access.get(token)?.target;
    if (target !== call.target)
      this.violate(`call ${call.id} for ${call.target} carries a token for ${target}`);
  }

  settled(call: Call, result: string, error?: unknown): void {
    call.settledAt = this.#world.scheduler.now;
    call.result = result;
    const why = error instanceof Error ? error.message : '';
    this.#world.log(() => `call ${call.id} settles: ${result} ${why}`);
    this.#settlements.judge(call, result, error);
  }

  observed(context: number, event: AuthEvent): void {
    const line = () => inspect(event, { breakLength: 200 }).split('\n', 1)[0];
    this.#world.log(() => `context ${context} tells ${line()}`);
    this.#settlements.scan(`an event of ${context} (${event.type})`, event);
  }

  // ── what the provider sees ────────────────────────────────────────────────

  /** `clock`: what the context takes for the time. */
  posted(context: number, token: string, signal: AbortSignal, clock: number): void {
    this.#world.log(() => `context ${context} posts ${token}`);
    if (signal.aborted) this.violate(`context ${context} begins a token request after its signal`);
    if (this.#world.settings.readOnly === context)
      this.violate(`context ${context} refreshes a store it can only read`);
    this.records.posted(context, token, clock);
    const family = this.#world.provider.familyOf(token)?.number;
    if (family !== undefined && this.lives.isOver(context, family)) {
      this.violate(`context ${context} posts a token of sign-in ${family}, which ended there`);
    }
    this.rates.posted(context);
  }

  /** The provider's invalid_grant reached the context. */
  toldDead(context: number, token: string): void {
    this.#world.log(() => `context ${context} is told that ${token} is dead`);
    this.records.toldDead(context, token);
  }

  /** A session gave up a token request: what was rotated is lost by its own doing, unless its turn is over. */
  aborted(context: number, token: string, turn: Turn | undefined): void {
    this.#world.log(() => `context ${context} aborts its request with ${token}`);
    if (!turn || turn.over || turn.signal.aborted) return;
    const after = this.#world.scheduler.now - turn.startedAt;
    if (after < 29_900)
      this.violate(`context ${context} aborts a token request ${after} ms after its turn began`);
  }

  reused(post: Post, token: string, family: Family): void {
    const { context } = post;
    const of = family.number;
    this.#world.log(() => `context ${context} reused ${token} of family ${of}`);
    // What a sign-in or sign-out ends is revoked anyway.
    if (this.lives.wasEnded(family.number)) return;
    const shared = isShared(this.#world.settings);
    // A step-up keeps its turn for five seconds: what it posts may be on its way for longer.
    if (!shared && post.stepsUp && post.turn?.over) return;
    const reason = shared ? this.reuses.explain(token, post) : undefined;
    this.#world.log(() => `which is explained by ${reason}`);
    if (shared ? reason : this.records.explainsReuse(context, token)) return;
    this.violate(`context ${context} posted the spent ${token} of family ${of}, and nothing explains it`);
  }

  rotated(context: number, family: Family, target: string | undefined): void {
    const { number, current } = family;
    this.#world.log(() => `context ${context} rotated family ${number} to ${current} for ${target}`);
    if (target === undefined) this.rates.rotated(family);
    else this.rates.derived(context, family, target);
  }

  steppedUp(context: number, family: Family | undefined): void {
    this.#world.log(() => `context ${context} asks for more than family ${family?.number} has`);
    // It may post, and what it brings may be refused like any token.
    this.rates.asked();
    this.rates.steppedUp(context);
    if (this.#world.settings.readOnly === context)
      this.violate(`context ${context} steps up, and can only read`);
    if (family && this.lives.isOver(context, family.number))
      this.violate(`context ${context} steps up in sign-in ${family.number}, which ended there`);
  }

  revoked(context: number, family: Family | undefined): void {
    this.#world.log(() => `context ${context} revokes family ${family?.number}`);
    if (this.#world.settings.service || family?.dead) return;
    if (family && !this.lives.mayRevoke(family.number, this.records.storedFamily(context))) {
      this.violate(`context ${context} revokes family ${family.number}, which nobody ended`);
    }
  }

  killed(context: number): void {
    this.records.killed(context);
    this.reuses.killed(context);
  }

  // ── what the place sees ───────────────────────────────────────────────────

  failedOver(before: SessionRecord | undefined, after: SessionRecord | undefined): void {
    this.#world.log(() => `the store falls back from ${brief(before)} to ${brief(after)}`);
    this.records.failedOver(after);
    this.reuses.failedOver(after?.revision ?? 0);
  }

  loaded(context: number, record: SessionRecord | undefined, afterMs = 0): void {
    this.loads++;
    this.#world.log(() => `context ${context} loads ${brief(record)}`);
    const family = record && this.records.familyOfId(record.id);
    this.lives.loaded(context, family, afterMs > storeDeadlineMs);
  }

  saving(context: number, next: SessionRecord, faulted: boolean): void {
    const how = faulted ? ' (will fail or land late)' : '';
    this.#world.log(() => `context ${context} saves ${brief(next)}${how}`);
    if (faulted) for (const part of [this.records, this.reuses]) part.faulted(next);
  }

  saved(context: number, written: boolean): void {
    const what = written ? 'succeeded' : 'found another revision';
    this.#world.log(() => `context ${context} is told its save ${what}`);
  }

  wrote(context: number, before: SessionRecord | undefined, next: SessionRecord): void {
    this.#world.log(() => `written by ${context}: ${brief(next)} over ${brief(before)}`);
    this.records.wrote(context, before, next);
    this.reuses.wrote(context, next);
    if (next.ended === 'signed-out') this.#tombstones.wrote(context, next.id);
  }
}
