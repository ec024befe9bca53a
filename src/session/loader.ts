import type { SessionRecord } from '../protocol/record.js';
import { SharedWork } from '../shared-work.js';
import type { MaybePromise } from '../types.js';
import { call } from './emitter.js';
import type { Ledger } from './ledger.js';
import type { Look } from './looks.js';
import type { Place } from './place.js';
import { isPromise } from './wait.js';

/** Brings what the store holds into the ledger: at first use, and whenever the store says that it changed. */
export class Loader {
  readonly #ledger: Ledger;
  readonly #place: Place;
  readonly #now: () => number;
  readonly #beside: (work: Promise<unknown>) => void;
  #loading: SharedWork<void> | undefined;
  #again = false;
  #saving = false;
  #unwatch: (() => void) | undefined;
  #closed = false;

  constructor(ledger: Ledger, place: Place, now: () => number, beside: (work: Promise<unknown>) => void) {
    this.#ledger = ledger;
    this.#place = place;
    this.#now = now;
    this.#beside = beside;
  }

  /** Until it is known who is signed in; a load that fails rejects, and the next call tries again. */
  ensure(): MaybePromise<void> {
    if (this.#ledger.known) return;
    this.watch();
    const loading = this.#loading;
    if (!loading) return this.#load();
    return loading.join(async () => {
      this.#forget(loading);
      return this.ensure();
    });
  }

  /** The store may have changed: events during a load cause one more, not one each. */
  readonly refresh = (): void => {
    if (this.#closed) return;
    this.watch();
    if (this.#loading?.isLive) {
      this.#again = true;
      return;
    }
    this.#again = false;
    try {
      const loading = this.#load();
      if (isPromise(loading)) loading.then(undefined, () => {});
    } catch {
      // the next event, or the next refused call, tries again
    }
  };

  /** Beside a request: a message of the store may have been lost. */
  readAgain(): void {
    if (this.#now() < this.#place.readAgainAt) return;
    this.refresh();
    if (this.#loading) this.#beside(this.#loading.promise.catch(() => {}));
  }

  /** Reads again what was passed over while something of ours was being written. */
  catchUp(): void {
    const { missed, writing, posting } = this.#ledger;
    if (!missed || writing?.isLive || posting) return;
    this.#ledger.missed = false;
    this.refresh();
  }

  watch(): void {
    if (this.#unwatch || this.#closed) return;
    this.#unwatch = () => {};
    try {
      this.#unwatch = this.#place.store.watch?.(this.refresh) ?? this.#unwatch;
    } catch {
      // what others write is seen at the next refresh all the same
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#unwatch) call(this.#unwatch);
  }

  #load(): MaybePromise<void> {
    const look = this.#ledger.look();
    const found = this.#place.load();
    if (!isPromise(found)) {
      this.take(found, look);
      return;
    }
    const loading = found.then((record) => this.take(record, look));
    const mine = new SharedWork(loading);
    this.#loading = mine;
    const done = () => {
      this.#forget(mine);
      if (this.#again) this.refresh();
      else this.catchUp();
    };
    loading.then(done, done);
    return loading;
  }

  /** Takes what a load found, and puts back what is newer here. */
  take(found: SessionRecord | undefined, look: Look): void {
    if (this.#ledger.loaded(found, look)) this.#putBack();
  }

  #forget(loading: SharedWork<void>): void {
    if (this.#loading === loading) this.#loading = undefined;
  }

  /** An absent or older record is no sign-out: what is held here is saved again, over what was seen. */
  #putBack(): void {
    const ledger = this.#ledger;
    const base = ledger.record;
    if (!base || this.#saving) return;
    const next = ledger.revised(base);
    const kept = (saved: boolean) => {
      this.#saving = false;
      if (!saved || ledger.record !== base) return;
      ledger.wroteThere(next);
      ledger.unsaved = undefined;
      ledger.keep(next);
    };
    this.#saving = true;
    try {
      const saved = this.#place.save(next, ledger.stored);
      if (isPromise(saved)) saved.then(kept, () => kept(false));
      else kept(saved);
    } catch {
      kept(false);
    }
  }
}
