import { call } from './emitter.js';
import type { Ledger } from './ledger.js';
import type { SessionSnapshot } from './types.js';

/** What a session tells of its user; undefined while that is not known. */
export type UserOf<User> = () => { readonly user: User } | undefined;

/** The same object until something changed, for `useSyncExternalStore`. */
export class Snapshots<User> {
  readonly #ledger: Ledger;
  readonly #userOf: UserOf<User>;
  readonly #refreshing: () => boolean;
  readonly #acquires: boolean;
  readonly #listeners: Set<{ readonly tell: () => void }> = new Set();
  #snapshot: SessionSnapshot<User> = loading;

  constructor(ledger: Ledger, userOf: UserOf<User>, refreshing: () => boolean, acquires: boolean) {
    this.#ledger = ledger;
    this.#userOf = userOf;
    this.#refreshing = refreshing;
    this.#acquires = acquires;
  }

  get(): SessionSnapshot<User> {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    if (typeof listener !== 'function') throw new TypeError('subscribe: listener must be a function');
    const entry = { tell: listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  changed(): void {
    const next = this.#read();
    if (same(this.#snapshot, next)) return;
    this.#snapshot = Object.freeze(next);
    for (const { tell } of [...this.#listeners]) call(tell);
  }

  #read(): SessionSnapshot<User> {
    const { known, held, record, cause, nobody } = this.#ledger;
    if (held) {
      const known = this.#userOf();
      if (!known) return loading;
      return {
        status: 'signed-in',
        refreshing: this.#refreshing(),
        user: known.user,
        expiresAt: record?.expiresAt,
        scope: record?.tokens?.scope,
      };
    }
    const undecided = this.#acquires && cause === 'never' && !nobody && !record?.ended;
    if (!known || undecided) return loading;
    return { status: 'signed-out', refreshing: false, user: undefined, cause };
  }
}

const loading: { readonly status: 'loading'; readonly refreshing: false; readonly user: undefined } =
  /* @__PURE__ */ Object.freeze({ status: 'loading', refreshing: false, user: undefined });

function same(a: object, b: object): boolean {
  const keys = Object.keys(a) as (keyof typeof a)[];
  return keys.length === Object.keys(b).length && keys.every((key) => Object.is(a[key], b[key]));
}
