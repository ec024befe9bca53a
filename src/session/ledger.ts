import { type AnyAuthError, RefreshRejectedError, SignedOutError } from '../errors.js';
import type { SignedOutCause } from '../events.js';
import { cooling } from '../protocol/cooldown.js';
import { type SessionRecord, tombstone } from '../protocol/record.js';
import { type Windows, windowsOf } from '../protocol/windows.js';
import type { Emitter } from './emitter.js';
import { Endings } from './endings.js';
import type { LedgerOptions } from './ledger-options.js';
import type { HeldCredentials, Life } from './life.js';
import { type Look, Looks } from './looks.js';
import { take } from './take.js';
import { Youth } from './youth.js';

/** Others may have seen more of what was lost, and others again have numbered on from what the store fell back to. */
const FAR_ABOVE = 1_000;

/** What one context knows of the session, and how loaded, minted and ended records change it. It never waits. */
export class Ledger {
  readonly #options: LedgerOptions;

  /** The newest record, a tombstone included. */
  record: SessionRecord | undefined;
  /** The revision last seen in the store, and whose; undefined: it was never seen. */
  stored = 0;
  #highest = 0;
  seen: { readonly id: string | undefined } | undefined;
  /** Tokens that could not be saved: they were minted by spending `posted`. */
  unsaved: { readonly posted: string | undefined } | undefined;
  /** Whether somebody is signed in is known. */
  known = false;
  cause: SignedOutCause = 'never';
  life: Life = { id: undefined };
  held: HeldCredentials | undefined;
  windows: Windows = windowsOf({}, 0, 0);
  /** The refresh token that the server last said is dead: it is not posted again. */
  dead: string | undefined;
  readonly endings: Endings = new Endings();
  /** The sign-in for which a request is under way: that another context calls it rejected does not end it yet. */
  posting: { readonly id: string | undefined } | undefined;
  #foreignTold = false;
  readonly #looks: Looks = new Looks();
  /** A sign-in or sign-out of ours that is being written: meanwhile loads only supply the revision to write over. */
  writing: { readonly isLive: boolean } | undefined;
  /** An acquire is under way: what the store brings meanwhile is what its callers wait for. */
  acquiring = false;
  /** The last acquire said that nobody is signed in. */
  nobody = false;
  /** A user was asked and said no: only signIn() asks again. */
  declined = false;
  /** A loaded value was passed over while something of ours was being written: read it again. */
  missed = false;
  /** In a row; and until when nothing is asked where no record can say so. */
  failures = 0;
  notBefore: number | undefined;
  readonly youth: Youth = new Youth();

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** The next revision to write: above all that were seen, also where the store has lost them. */
  revised(next: SessionRecord, seen = 0): SessionRecord {
    const above = Math.max(this.record?.revision ?? 0, this.#highest, seen);
    const hasLost = this.#options.exclusive && this.stored < this.#highest;
    return { ...next, revision: above + (hasLost ? FAR_ABOVE : 1) };
  }

  /** Something is written here: a value whose load began before it is no news. */
  wrote(): void {
    this.#looks.wrote();
  }

  /** A save of ours was answered. */
  wroteThere({ id, revision }: SessionRecord): void {
    // A load that began before may have read what was there before.
    this.#looks.end(this.#looks.begin(), revision);
    this.stored = revision;
    this.#highest = Math.max(this.#highest, revision);
    this.#sees(id);
  }

  #sees(id: string | undefined): void {
    this.seen = { id };
    if (id !== undefined && id === this.life.id) this.life.stored = true;
  }

  /** To be taken before a load begins. */
  look(): Look {
    return this.#looks.begin();
  }

  /** What a load found: the revision to write over; false: a later load has ended before. */
  saw(found: SessionRecord | undefined, look: Look): boolean {
    if (!this.#looks.end(look, found?.revision ?? 0)) return false;
    this.endings.name(found, this.life.id);
    this.#sees(found?.id);
    const revision = found?.revision ?? 0;
    this.#highest = Math.max(this.#highest, revision);
    if (this.#looks.isNews(look) || this.writing?.isLive || revision > this.stored) this.stored = revision;
    return true;
  }

  /** Takes what a load found; true: what is held is to be saved again. */
  loaded(found: SessionRecord | undefined, look: Look): boolean {
    if (!this.saw(found, look)) return false;
    if (!this.#looks.isNews(look) || (this.writing?.isLive && !this.#isOurs(found))) {
      this.missed = true;
      return false;
    }
    const first = !this.known;
    this.known = true;
    const again = take(this, this.#options, found, first);
    if (first) this.#options.changed();
    return again;
  }

  /** The very sign-in that is being written, at least as new as here. */
  #isOurs(found: SessionRecord | undefined): boolean {
    const mine = this.held && this.record;
    return mine !== undefined && found?.id === mine.id && found.revision >= mine.revision;
  }

  /** Whether what is held is what the store holds, or newer: a turn writes over nothing that it has not taken. */
  inStep(found: SessionRecord | undefined): boolean {
    const mine = this.held && this.record;
    if (!mine || !found || this.unsaved || found.revision === mine.revision) return true;
    return found.id === mine.id && found.revision < mine.revision;
  }

  /** Somebody is signed in: fills the life that calls wait in. For a new life, leave the old one first. */
  begin(record: SessionRecord, here: boolean): void {
    this.known = true;
    this.nobody = false;
    this.life.arriving = undefined;
    this.life.id = record.id;
    this.life.here = here;
    this.#hold(record, false);
    if (here) this.wrote();
    this.#emit({ type: 'signed-in', here });
    this.#options.changed();
  }

  /** The same sign-in has new credentials. */
  renewed(record: SessionRecord, here: boolean, bornOfRefusal: boolean): void {
    this.#hold(record, bornOfRefusal);
    if (here) this.wrote();
    this.#emit({ type: 'refreshed', expiresAt: record.expiresAt, here });
    this.#options.changed();
  }

  /** The same credentials under another revision. */
  keep(record: SessionRecord): void {
    this.record = record;
  }

  /** The old life is over at once, in memory; calls that began in it are told by its error. */
  end(cause: SignedOutCause, error: AnyAuthError | undefined): void {
    const told =
      this.life.id !== undefined || !this.known || (this.record !== undefined && !this.record.ended);
    this.leave(cause, error ?? (cause === 'rejected' ? new RefreshRejectedError() : new SignedOutError()));
    this.known = true;
    this.cause = cause;
    if (this.record && !this.record.ended)
      this.record = tombstone(
        this.record,
        cause === 'rejected' || cause === 'expired' ? 'rejected' : 'signed-out',
      );
    if (told) this.#emit({ type: 'signed-out', cause });
    this.#options.changed();
  }

  /** Opens a new life: nothing that began before is replayed in it. */
  leave(
    cause: SignedOutCause = 'user',
    error: AnyAuthError = new SignedOutError('Another sign-in took the place of the one the call began in'),
  ): void {
    const { id } = this.life;
    // Calls that began in a life known to be empty were sent without credentials: they have nothing to lose.
    const empty = id === undefined && this.known && !this.acquiring;
    this.endings.remember(id);
    this.endings.remember(this.life.arriving);
    this.life.ended = { cause, error: empty ? undefined : error };
    this.life = { id: undefined };
    this.held = undefined;
    this.unsaved = undefined;
    this.windows = windowsOf({}, 0, 0);
    this.youth.reset();
    this.#options.ended();
  }

  /** The place holds another client's record: told once, and left alone. */
  foreign(): void {
    if (this.#foreignTold) return;
    this.#foreignTold = true;
    this.#emit({ type: 'store-degraded', reason: 'foreign-record' });
  }

  /** A server took the credentials: refusals of later ones are to be believed again. */
  accepted(held: HeldCredentials): void {
    if (held.accepted) return;
    held.accepted = true;
    if (held === this.held) this.youth.reset();
  }

  refusedFresh(held: HeldCredentials, now: number): boolean {
    return this.youth.tooEarly(held, this.record?.mintedAt, now);
  }

  /** Its life is over by the clock; one that arrived expired has no life to judge it by. */
  expired(now: number): boolean {
    const { mintedAt, expiresAt } = this.record ?? {};
    if (mintedAt === undefined || expiresAt === undefined || expiresAt <= mintedAt) return false;
    return expiresAt <= now && mintedAt <= now;
  }

  /** Until when nothing is to be asked; undefined: it may be. */
  coolingUntil(now: number): number | undefined {
    return cooling(this.record?.notBefore ?? this.notBefore, now);
  }

  #hold(record: SessionRecord, bornOfRefusal: boolean): void {
    const { tokens } = record;
    this.failures = 0;
    this.notBefore = undefined;
    this.declined = false;
    this.record = record;
    this.held = {
      id: record.id,
      generation: record.generation,
      accessToken: tokens?.accessToken ?? '',
      tokenType: tokens?.tokenType ?? 'Bearer',
      expiresAt: record.expiresAt,
      mintedAt: record.mintedAt,
      bornOfRefusal,
      accepted: false,
      refusedYoung: false,
    };
    this.windows = this.#options.renewable(record)
      ? windowsOf(record, this.#options.softMs, this.#options.hardMs)
      : windowsOf({}, 0, 0);
  }

  #emit(event: Without<Parameters<Emitter['emit']>[0]>): void {
    this.#options.emitter.emit({ ...event, at: this.#options.now() } as Parameters<Emitter['emit']>[0]);
  }
}

type Without<E> = E extends unknown ? Omit<E, 'at'> : never;
