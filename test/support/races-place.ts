import type { SessionRecord } from '../../src/protocol/record.js';
import type { TokenStore } from '../../src/session/store.js';
import type { MaybePromise } from '../../src/types.js';

type Read = () => SessionRecord | undefined;
type Write = () => boolean;

/** One stored record and its turns, shared by the handles of several contexts. */
export class RacePlace {
  record: SessionRecord | undefined;
  /** Every record written, in order. */
  readonly written: SessionRecord[] = [];
  /** What happened at the place, in order. */
  readonly log: string[] = [];
  #busy: object | undefined;
  readonly #queue: { begin: () => void }[] = [];

  constructor(record?: SessionRecord) {
    this.record = record;
  }

  handle(exclusive = true): RaceStore {
    return new RaceStore(this, exclusive);
  }

  /** What another context writes, past its own checks. */
  put(record: SessionRecord | undefined): void {
    this.record = record;
    if (record) this.written.push(record);
  }

  /** A stranger takes the turn; returns the way to give it back. */
  occupy(): () => void {
    const stranger = {};
    this.take(stranger, () => {});
    return () => this.free(stranger);
  }

  take(who: object, begin: () => void, signal?: AbortSignal): void {
    const entry = {
      begin: () => {
        this.#busy = who;
        begin();
      },
    };
    if (!this.#busy) {
      entry.begin();
      return;
    }
    this.#queue.push(entry);
    signal?.addEventListener('abort', () => {
      const at = this.#queue.indexOf(entry);
      if (at >= 0) this.#queue.splice(at, 1);
    });
  }

  free(who: object): void {
    if (this.#busy !== who) return;
    this.#busy = undefined;
    this.#queue.shift()?.begin();
  }
}

/** One context's way to the place; a test puts itself between through `onLoad`, `onSave` and `onTurn`. */
export class RaceStore implements TokenStore {
  readonly exclusive: boolean;
  readonly place: RacePlace;
  loads = 0;
  readonly saves: { readonly next: SessionRecord; readonly ifRevision: number }[] = [];
  onLoad: ((read: Read) => MaybePromise<SessionRecord | undefined>) | undefined;
  onSave: ((write: Write, next: SessionRecord) => MaybePromise<boolean>) | undefined;
  /** 'never' gives no turn at all. */
  onTurn: 'never' | (() => Promise<never>) | undefined;
  /** Gives a turn although nobody waits for it any more. */
  deaf = false;
  /** Takes the turn away that this context holds: its signal aborts, and the next one begins. */
  lose: () => void = () => {};
  /** How many turns this context holds. */
  holding = 0;
  readonly #listeners = new Set<() => void>();

  constructor(place: RacePlace, exclusive: boolean) {
    this.place = place;
    this.exclusive = exclusive;
  }

  get watchers(): number {
    return this.#listeners.size;
  }

  load(): MaybePromise<SessionRecord | undefined> {
    this.loads++;
    const read = () => this.place.record;
    return this.onLoad ? this.onLoad(read) : read();
  }

  save(next: SessionRecord, ifRevision: number): MaybePromise<boolean> {
    this.saves.push({ next, ifRevision });
    const write = () => {
      if ((this.place.record?.revision ?? 0) !== ifRevision) return false;
      this.place.put(next);
      this.place.log.push(`saved ${nameOf(next)}`);
      return true;
    };
    return this.onSave ? this.onSave(write, next) : write();
  }

  turn<T>(
    task: (signal: AbortSignal) => Promise<T>,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<T> {
    if (this.onTurn === 'never') return new Promise(() => {});
    if (this.onTurn) return this.onTurn();
    return new Promise((resolve, reject) => {
      const turn = {};
      const signal = options?.signal;
      const begin = () => {
        const mine = new AbortController();
        this.holding++;
        const done = () => {
          this.holding--;
          this.place.free(turn);
        };
        this.lose = () => {
          mine.abort();
          this.place.free(turn);
        };
        const running = task(mine.signal);
        running.then(done, done);
        running.then(resolve, reject);
      };
      this.place.take(turn, begin, this.deaf ? undefined : signal);
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The place says that the record may have changed. */
  tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function nameOf({ ended, tokens, holderUntil, notBefore }: SessionRecord): string {
  if (ended) return ended;
  const what = [tokens?.accessToken ?? 'cookies'];
  if (holderUntil !== undefined) what.push('held');
  if (notBefore !== undefined) what.push('cooling');
  return what.join(' ');
}
