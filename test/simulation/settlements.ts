import { inspect } from 'node:util';
import { isAuthError } from '../../src/errors.js';
import { bounds, type Call } from './calls.js';
import { world } from './scheduler.js';
import { secretMark, type World } from './world.js';

/** How a call may settle: in time, with what it was promised, or with an error of a known kind. */
export class Settlements {
  readonly #world: World;
  readonly #violate: (what: string) => void;

  constructor(of: World, violate: (what: string) => void) {
    this.#world = of;
    this.#violate = violate;
  }

  judge(call: Call, result: string, error?: unknown): void {
    const { now } = this.#world.scheduler;
    const paused = Math.max(0, call.context.pausedUntil - call.beganAt);
    const waited = now - call.beganAt - call.sentFor - paused;
    if (waited > bounds[call.kind])
      this.#violate(`call ${call.id} (${call.kind}) settled after ${waited} ms: ${result}`);
    if (call.abortedAt !== undefined && call.abortedAt < now && paused === 0) {
      this.#violate(`call ${call.id} settled ${now - call.abortedAt} ms after it was aborted: ${result}`);
    }
    if (error === undefined) {
      this.#written(call);
      return;
    }
    if (call.reason !== undefined && error === call.reason) return;
    this.scan(`the error of call ${call.id}`, error);
    const { rates, upheavals } = this.#world.settings;
    if (isAuthError(error)) {
      this.#failedWithReason(call, error.code);
      const strange = error.code === 'refresh-misconfigured' || error.code === 'token-response';
      const isReadOnly = call.kind === 'derived' && this.#world.settings.readOnly === call.context.index;
      if (strange && !isReadOnly && !rates.providerTalksGarbage && !rates.providerRefusesTheClient) {
        this.#violate(`call ${call.id} rejects with ${error.code}`);
      }
      if (call.kind === 'sign-out' && error.code !== 'refresh-unavailable') {
        this.#violate(`sign-out ${call.id} rejects with ${error.code}`);
      }
      return;
    }
    const down =
      ['fetch', 'derived', 'step-up'].includes(call.kind) &&
      rates.resourceIsDown &&
      (error as Error).message === 'fetch failed';
    if (!down) {
      this.#violate(
        `call ${call.id} (${call.kind}) rejects with ${inspect(error)}; upheavals ${upheavals.join()}`,
      );
    }
  }

  /** What resolved stands in the store (invariant 16). */
  #written(call: Call): void {
    if (this.#world.settings.store === 'text') return;
    if (call.kind === 'sign-in') {
      // A little later: where another sign-in was found, that one is shown then.
      this.#world.scheduler.at(10_000, world, () => {
        const { signs } = call;
        if (signs === undefined || call.context.shown !== signs) return;
        if (!this.#world.oracle.records.wasStored(signs)) {
          this.#violate(`sign-in ${call.id} resolved, and was never written`);
        }
      });
    }
    const { record } = this.#world.placeOf(call.context.index);
    if (call.kind !== 'sign-out' || !record || record.ended === 'signed-out') return;
    if (this.#world.place.failedOverAt >= call.beganAt) return;
    // Another sign-in or sign-out here writes instead of it.
    if (this.#world.oracle.lives.actedSince(call)) return;
    const stored = this.#world.oracle.records.familyOfId(record.id);
    if (stored !== undefined && stored === call.began) {
      this.#violate(`sign-out ${call.id} resolved, and sign-in ${stored} is in the store`);
    }
  }

  /** Only a call whose token has run out or was refused fails with a refresh (invariant 12). */
  #failedWithReason(call: Call, code: string): void {
    if (code !== 'refresh-unavailable' || call.kind !== 'fetch' || call.sendings > 0) return;
    const { context } = call;
    if (typeof call.began !== 'number' || context.shown !== call.began || context.clockJumped) return;
    const snapshot = context.session.getSnapshot();
    if (snapshot.status !== 'signed-in' || snapshot.expiresAt === undefined) return;
    if (snapshot.expiresAt > context.clock) {
      this.#violate(`call ${call.id} fails with a refresh, and its token was good`);
    }
  }

  /** No token in what anybody outside gets to see (invariant 25). */
  scan(where: string, value: unknown): void {
    const text = inspect(value, { depth: 8, showHidden: true }) + JSON.stringify(value);
    if (text.includes(secretMark)) this.#violate(`${where} holds a secret: ${text}`);
  }
}
