import { RefreshUnavailableError } from '../errors.js';
import type { SessionRecord } from '../protocol/record.js';
import { SharedWork } from '../shared-work.js';
import type { Loader } from './loader.js';
import type { Look } from './looks.js';
import type { Parts } from './parts.js';
import { isPromise, pause, within } from './wait.js';

const CALLER_MS = 5_000;
const LONGEST_PAUSE_MS = 5_000;
const REREAD_MS = 30_000;

/** What to write over what was found; undefined: nothing more is to be written. */
export type Make = (found: SessionRecord | undefined, tries: number) => SessionRecord | undefined;

/** What a writing left: the record it replaced, and the one that was found where it stopped. */
export interface Written {
  readonly replaced?: SessionRecord | undefined;
  readonly found?: SessionRecord | undefined;
  readonly look?: Look | undefined;
}

/** Writes sign-ins and sign-outs: load, compare-and-set, again with back-off until it is written or moot. */
export class Writer {
  readonly #parts: Parts;
  readonly #loader: Loader;
  readonly #beside: (work: Promise<unknown>) => void;
  #latest = 0;
  #saving: SharedWork<unknown> | undefined;
  #closed = false;

  constructor(parts: Parts, loader: Loader, beside: (work: Promise<unknown>) => void) {
    this.#parts = parts;
    this.#loader = loader;
    this.#beside = beside;
  }

  /** Rejects with RefreshUnavailableError after 5 s; the repeating goes on until a later sign-in or sign-out. */
  write(
    make: Make,
    written: (next: SessionRecord) => void,
    overUnopened = false,
  ): { done: Promise<Written>; intime: Promise<Written> } {
    const mine = ++this.#latest;
    const { ledger } = this.#parts;
    this.#loader.watch();
    ledger.wrote();
    const moot = () => this.#closed || mine !== this.#latest;
    const writing = this.#repeat(make, written, moot, overUnopened);
    ledger.writing = new SharedWork(writing);
    const done = writing.then((result) => {
      // One that a later one took the place of has nothing more to say.
      if (mine !== this.#latest) return result;
      ledger.writing = undefined;
      if (result.look) this.#loader.take(result.found, result.look);
      this.#loader.catchUp();
      return result;
    });
    const late = () =>
      new RefreshUnavailableError("The session's store cannot be written; it is tried again");
    const intime = within(done, CALLER_MS, late);
    // Who waits for what runs beside a request waits no longer than its caller: a store may never take it.
    this.#beside(intime.then(undefined, () => {}));
    return { done, intime };
  }

  /** A text store may lose a tombstone to another context's save: it is read again, and written where it has to be. */
  again(make: Make, written: (next: SessionRecord) => void): void {
    if (this.#parts.place.store.exclusive) return;
    const mine = this.#latest;
    const moot = () => this.#closed || mine !== this.#latest;
    void pause(REREAD_MS, true)
      .then(() => this.#repeat(make, written, moot))
      .then(({ replaced }) => this.#parts.revoke(replaced?.tokens));
  }

  close(): void {
    this.#closed = true;
  }

  async #repeat(
    make: Make,
    written: (next: SessionRecord) => void,
    moot: () => boolean,
    overUnopened = false,
  ): Promise<Written> {
    const { ledger, place, emitter, now } = this.#parts;
    let failed = false;
    // What the writing before this one is saving lands first: it is to be found.
    if (this.#saving) await this.#saving.join(async () => {});
    for (let tries = 0; !moot(); tries++) {
      if (tries > 0) await pause(Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS), tries > 6);
      try {
        const look = ledger.look();
        let found: SessionRecord | undefined;
        let over: number | undefined;
        try {
          const loading = place.load();
          found = isPromise(loading) ? await loading : loading;
        } catch (error) {
          over = overUnopened ? place.unopened : undefined;
          if (over === undefined) throw error;
        }
        if (moot()) break;
        if (!ledger.saw(found, look)) continue;
        const next = make(found, tries);
        if (!next) return { found, look };
        const revised = ledger.revised(next, over);
        const saving = place.save(revised, over ?? ledger.stored);
        if (isPromise(saving)) this.#saving = new SharedWork<unknown>(saving.catch(() => {}));
        if (await saving) {
          ledger.wroteThere(revised);
          if (!moot()) written(revised);
          return { replaced: found };
        }
      } catch (error) {
        if (!failed)
          emitter.emit({ type: 'save-failed', at: now(), error: error as RefreshUnavailableError });
        failed = true;
      }
    }
    return {};
  }
}
