import { inspect } from 'node:util';
import { isAuthError } from '../../src/errors.js';
import type { AuthEvent } from '../../src/events.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import { bounds, type Call } from './calls.js';
import type { Context } from './context.js';
import { Lives } from './lives.js';
import type { Family } from './provider.js';
import { Rates } from './rates.js';
import { Records } from './records.js';
import type { Turn } from './turns.js';
import { secretMark, type World } from './world.js';

const sendingsPerCall = 5;
const longestTurnMs = 40_000;

/** Watches one schedule and says which invariant of the design a step broke. */
export class Oracle {
  readonly violations: string[] = [];
  readonly calls: Call[] = [];
  readonly lives: Lives;
  readonly records: Records;
  readonly rates: Rates;
  readonly #world: World;

  constructor(of: World) {
    this.#world = of;
    const violate = (what: string): void => this.violate(what);
    this.lives = new Lives(violate, of.settings.service);
    this.records = new Records(of, violate);
    this.rates = new Rates(of, violate);
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
    this.records.used(call, token);
  }

  settled(call: Call, result: string, error?: unknown): void {
    const { now } = this.#world.scheduler;
    call.settledAt = now;
    call.result = result;
    this.#world.log(
      () => `call ${call.id} settles: ${result} ${error instanceof Error ? error.message : ''}`,
    );
    const paused = Math.max(0, call.context.pausedUntil - call.beganAt);
    const waited = now - call.beganAt - call.sentFor - paused;
    if (waited > bounds[call.kind])
      this.violate(`call ${call.id} (${call.kind}) settled after ${waited} ms: ${result}`);
    if (call.abortedAt !== undefined && call.abortedAt < now && paused === 0) {
      this.violate(`call ${call.id} settled ${now - call.abortedAt} ms after it was aborted: ${result}`);
    }
    if (error === undefined) {
      this.#written(call);
      return;
    }
    if (call.reason !== undefined && error === call.reason) return;
    this.#scan(`the error of call ${call.id}`, error);
    const { rates, upheavals } = this.#world.settings;
    if (isAuthError(error)) {
      this.#failedWithReason(call, error.code);
      const strange = error.code === 'refresh-misconfigured' || error.code === 'token-response';
      if (strange && !rates.providerTalksGarbage && !rates.providerRefusesTheClient) {
        this.violate(`call ${call.id} rejects with ${error.code}`);
      }
      if (call.kind === 'sign-out' && error.code !== 'refresh-unavailable') {
        this.violate(`sign-out ${call.id} rejects with ${error.code}`);
      }
      return;
    }
    const down = call.kind === 'fetch' && rates.resourceIsDown && (error as Error).message === 'fetch failed';
    if (!down) {
      this.violate(
        `call ${call.id} (${call.kind}) rejects with ${inspect(error)}; upheavals ${upheavals.join()}`,
      );
    }
  }

  /** What resolved stands in the store (invariant 16). */
  #written(call: Call): void {
    if (this.#world.settings.store === 'text') return;
    const signs = call.context.shown === call.signs ? call.signs : undefined;
    if (call.kind === 'sign-in' && signs !== undefined && !this.records.wasStored(signs)) {
      this.violate(`sign-in ${call.id} resolved, and was never written`);
    }
    const { record } = this.#world.place;
    if (call.kind !== 'sign-out' || !record || record.ended === 'signed-out') return;
    // Another sign-in or sign-out here writes instead of it.
    if (this.lives.actedSince(call)) return;
    const stored = this.records.familyOfId(record.id);
    if (stored !== undefined && stored === call.began) {
      this.violate(`sign-out ${call.id} resolved, and sign-in ${stored} is in the store`);
    }
  }

  /** Only a call whose token has run out or was refused fails with a refresh (invariant 12). */
  #failedWithReason(call: Call, code: string): void {
    if (code !== 'refresh-unavailable' || call.kind !== 'fetch' || call.sendings > 0) return;
    const { context } = call;
    if (typeof call.began !== 'number' || context.shown !== call.began || context.clockJumped) return;
    const snapshot = context.session.getSnapshot();
    if (snapshot.status !== 'signed-in' || snapshot.expiresAt === undefined) return;
    if (snapshot.expiresAt > this.#world.scheduler.now + context.skewMs) {
      this.violate(`call ${call.id} fails with a refresh, and its token was good`);
    }
  }

  observed(context: number, event: AuthEvent): void {
    this.#world.log(
      () => `context ${context} tells ${inspect(event, { breakLength: 200 }).split('\n', 1)[0]}`,
    );
    this.#scan(`an event of ${context} (${event.type})`, event);
  }

  #scan(where: string, value: unknown): void {
    const text = inspect(value, { depth: 8, showHidden: true }) + JSON.stringify(value);
    if (text.includes(secretMark)) this.violate(`${where} holds a secret: ${text}`);
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
    if (!turn || turn.over || turn.controller.signal.aborted) return;
    const after = this.#world.scheduler.now - turn.startedAt;
    if (after < 29_900)
      this.violate(`context ${context} aborts a token request ${after} ms after its turn began`);
  }

  reused(context: number, token: string, family: Family): void {
    this.#world.log(() => `context ${context} reused ${token}: family ${family.number} is dead`);
    if (!this.records.explainsReuse(context, token)) {
      this.violate(`family ${family.number} was revoked: context ${context} posted the spent ${token}`);
    }
  }

  rotated(context: number, family: Family): void {
    this.#world.log(() => `context ${context} rotated family ${family.number} to ${family.current}`);
    this.rates.rotated(family);
  }

  revoked(context: number, family: Family | undefined): void {
    this.#world.log(() => `context ${context} revokes family ${family?.number}`);
    if (this.#world.settings.service || family?.dead) return;
    if (family && !this.lives.mayRevoke(family.number, this.records.storedFamily)) {
      this.violate(`context ${context} revokes family ${family.number}, which nobody ended`);
    }
  }

  /** A context asks for a turn; `unfinished`: others that it asked for before. */
  turnAsked(context: number, unfinished: readonly Turn[]): number {
    const disturbances = this.lives.disturbances(context);
    const { service, upheavals } = this.#world.settings;
    if (
      !service &&
      !upheavals.includes('pause') &&
      unfinished.some((turn) => turn.disturbances === disturbances)
    ) {
      this.violate(`context ${context} refreshes twice at once`);
    }
    return disturbances;
  }

  turnEnded(context: number, afterMs: number): void {
    if (afterMs > longestTurnMs && !this.#world.settings.upheavals.includes('pause')) {
      this.violate(`a turn of context ${context} took ${afterMs} ms`);
    }
  }

  // ── what the place sees ───────────────────────────────────────────────────

  loaded(context: number, record: SessionRecord | undefined): void {
    this.#world.log(() => `context ${context} loads ${brief(record)}`);
    this.lives.loaded(context, record && this.records.familyOfId(record.id));
  }

  saving(context: number, next: SessionRecord, faulted: boolean): void {
    this.#world.log(
      () => `context ${context} saves ${brief(next)}${faulted ? ' (will fail or land late)' : ''}`,
    );
    if (faulted) this.records.faulted(next);
  }

  saved(context: number, written: boolean): void {
    this.#world.log(
      () => `context ${context} is told its save ${written ? 'succeeded' : 'found another revision'}`,
    );
  }

  wrote(context: number, before: SessionRecord | undefined, next: SessionRecord): void {
    this.#world.log(() => `written by ${context}: ${brief(next)} over ${brief(before)}`);
    this.records.wrote(context, before, next);
    if (next.ended === 'signed-out') {
      const family = this.records.familyOfId(next.id);
      if (family !== undefined && !this.lives.wasSignedOut(family)) {
        this.violate(`family ${family} was signed out in the store, and nobody asked for it`);
      }
    }
  }
}

const brief = (record: SessionRecord | undefined): string =>
  record === undefined
    ? 'nothing'
    : `${record.id.slice(-4)} r${record.revision} g${record.generation} ${record.tokens?.refreshToken ?? '-'} ${record.ended ?? ''}`;
