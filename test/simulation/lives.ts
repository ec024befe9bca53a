import type { Call } from './calls.js';
import type { Context, Shown } from './context.js';

interface Seen {
  shown: Shown;
  /** What it has shown, in the order of everything. */
  readonly history: { readonly order: number; readonly shown: Shown }[];
  /** Sign-ins that are over here: never to be seen again. */
  readonly dead: Set<number>;
  readonly signIns: { readonly order: number; readonly family: number }[];
  readonly signOuts: number[];
  /** A sign-out called while loading ends what the first load finds. */
  unnamed: boolean;
  /** The sign-in that the last load found. */
  found: number | undefined;
  /** The last sign-in that a load found. */
  heard: number | undefined;
}

/** Whose request it is: which sign-in each call began in, and which are over where. */
export class Lives {
  readonly #seen = new Map<number, Seen>();
  readonly #signedOut = new Set<number>();
  readonly #replaced = new Set<number>();
  /** Called rejected somewhere, perhaps by accident: what still comes for it there is revoked. */
  readonly #rejected = new Set<number>();
  readonly #violate: (what: string) => void;
  /** Whoever finds nobody signed in obtains tokens: what comes is what the call began with. */
  readonly #acquires: boolean;
  /** After a pause deadlines and answers come at once: which load ended first cannot be told. */
  readonly #pauses: boolean;
  #order = 0;

  constructor(violate: (what: string) => void, acquires: boolean, pauses: boolean) {
    this.#pauses = pauses;
    this.#acquires = acquires;
    this.#violate = violate;
  }

  tick(): number {
    return ++this.#order;
  }

  #of(context: Context): Seen {
    return this.#at(context.index);
  }

  #at(index: number): Seen {
    let seen = this.#seen.get(index);
    if (!seen) {
      seen = {
        shown: 'loading',
        history: [],
        dead: new Set(),
        signIns: [],
        signOuts: [],
        unnamed: false,
        found: undefined,
        heard: undefined,
      };
      this.#seen.set(index, seen);
    }
    return seen;
  }

  /** Takes what the context shows now; true: it changed. */
  shows(context: Context): boolean {
    const seen = this.#of(context);
    const { shown } = context;
    const before = seen.shown;
    if (shown === before) return false;
    seen.shown = shown;
    seen.history.push({ order: this.tick(), shown });
    // 'rejected' may be overwritten by newer tokens of the same sign-in.
    const final = context.cause !== 'rejected' && context.cause !== 'expired';
    if (typeof before === 'number' && !final) this.#rejected.add(before);
    // All that a service acquires is of one family.
    const isOver = (typeof shown === 'number' || final) && !this.#acquires;
    if (typeof before === 'number' && isOver) seen.dead.add(before);
    if (typeof shown === 'number' && seen.dead.has(shown)) {
      this.#violate(`sign-in ${shown} rose again in context ${context.index}`);
    }
    if (shown === 'loading') this.#violate(`context ${context.index} went back to loading`);
    return true;
  }

  signsIn(context: Context, family: number): void {
    this.shows(context);
    const seen = this.#of(context);
    if (typeof seen.shown === 'number') {
      seen.dead.add(seen.shown);
      this.#replaced.add(seen.shown);
    }
    seen.signIns.push({ order: this.tick(), family });
  }

  signsOut(context: Context): void {
    this.shows(context);
    const seen = this.#of(context);
    seen.signOuts.push(this.tick());
    if (seen.shown === 'loading') {
      seen.unnamed = true;
      return;
    }
    const ended = seen.shown === 'nobody' ? seen.found : seen.shown;
    if (ended !== undefined) this.#signedOut.add(ended);
    if (typeof seen.shown === 'number') seen.dead.add(seen.shown);
  }

  /** What a load of this context found. */
  loaded(context: number, family: number | undefined, late: boolean): void {
    const seen = this.#at(context);
    if (late) {
      // Waited for only where its deadline is late as well, after a pause.
      if (seen.unnamed && family !== undefined) this.#signedOut.add(family);
      return;
    }
    seen.found = family;
    seen.heard = family ?? seen.heard;
    if (!seen.unnamed) return;
    seen.unnamed = false;
    if (family === undefined) return;
    this.#signedOut.add(family);
    if (!this.#pauses) seen.dead.add(family);
  }

  /** A call uses credentials of this sign-in. */
  carries(call: Call, family: number): void {
    const seen = this.#of(call.context);
    if (this.#acquires && call.began !== family) call.began = 'loading';
    if (call.began === 'loading') {
      const since = (order: number): boolean => order > call.order;
      if (seen.signOuts.some(since) || seen.signIns.some((own) => since(own.order))) {
        this.#violate(`call ${call.id} began before a sign-in or sign-out here, and carries ${family}`);
      }
      const first = this.#acquires ? family : seen.history.find((entry) => since(entry.order))?.shown;
      call.began = first ?? family;
    }
    if (call.began !== family) {
      this.#violate(`call ${call.id} (${call.kind}) began as ${call.began} and carries ${family}`);
    }
    if (seen.dead.has(family)) {
      this.#violate(
        `context ${call.context.index} uses sign-in ${family} after it ended there (call ${call.id})`,
      );
    }
  }

  /** A call goes out without credentials: only where nobody was signed in when it began (invariants 15 and 18). */
  carriesNothing(call: Call): void {
    const seen = this.#of(call.context);
    if (call.began === 'nobody' || this.#acquires) return;
    if (call.began === 'loading') {
      const since = seen.history.find((entry) => entry.order > call.order)?.shown;
      const acted = seen.signOuts.some((order) => order > call.order);
      if (since === 'nobody' && !acted) {
        call.began = 'nobody';
        return;
      }
    }
    this.#violate(`call ${call.id} began as ${call.began} and goes out without credentials`);
  }

  /** Another sign-in or sign-out was called here after this one. */
  actedSince(call: Call): boolean {
    const seen = this.#of(call.context);
    const acts = [...seen.signOuts, ...seen.signIns.map((own) => own.order)];
    return acts.filter((order) => order > call.order).length > 1;
  }

  /** Sign-in or sign-out was called here, or the sign-in changed, since the call began. */
  disturbed(call: Call): boolean {
    const seen = this.#of(call.context);
    return (
      seen.signOuts.some((order) => order > call.order) ||
      seen.signIns.some((own) => own.order > call.order) ||
      seen.history.some((entry) => entry.order > call.order && entry.shown !== call.began)
    );
  }

  /** Somebody signed out of it, or in over it. */
  wasEnded(family: number): boolean {
    return this.#signedOut.has(family) || this.#replaced.has(family);
  }

  /** The context had it before, or has heard of it last, perhaps of its end. */
  knew(context: number, family: number): boolean {
    const seen = this.#at(context);
    return (
      seen.heard === family || seen.dead.has(family) || seen.history.some((entry) => entry.shown === family)
    );
  }

  isOver(context: number, family: number): boolean {
    return this.#at(context).dead.has(family);
  }

  /** Grows whenever the sign-in of a context may have changed. */
  disturbances(context: number): number {
    const seen = this.#at(context);
    return seen.history.length + seen.signIns.length + seen.signOuts.length;
  }

  wasSignedOut(family: number): boolean {
    return this.#signedOut.has(family);
  }

  /** Only what was signed out, replaced here by a sign-in, or is not what the store holds. */
  mayRevoke(family: number, stored: number | undefined): boolean {
    return this.wasEnded(family) || this.#rejected.has(family) || stored !== family;
  }
}
