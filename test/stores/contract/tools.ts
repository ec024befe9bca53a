import type { SessionRecord } from '../../../src/protocol/record.js';
import type { TokenStore } from '../../../src/session/store.js';
import type { MaybePromise } from '../../../src/types.js';

/** Two handles of one place. */
export interface Handles {
  readonly a: TokenStore;
  readonly b: TokenStore;
}

/** What a test can do to the place below a store; `fail` and `hang` return the way to end it. */
export interface Faults<H extends Handles = Handles> {
  /** Puts this text where the record is kept. */
  put?(made: H, text: string): MaybePromise<unknown>;
  /** Every operation of the platform fails. */
  fail?(made: H): MaybePromise<() => MaybePromise<unknown>>;
  /** No operation of the platform settles. */
  hang?(made: H): MaybePromise<() => MaybePromise<unknown>>;
  /** The turn that `a` holds lapses, as if its context had slept too long. */
  lose?(made: H): MaybePromise<unknown>;
}

export interface ContractOptions {
  /** How long a verb may take, in milliseconds. @default 3_000, as long as a session waits */
  readonly patienceMs?: number | undefined;
  /** How long nothing may happen, where nothing is to happen, in milliseconds. @default 60 */
  readonly quietMs?: number | undefined;
  /** The platform tells of no change: then nobody who watches is told of one. */
  readonly deaf?: true | undefined;
}

export interface Case {
  readonly name: string;
  run(): Promise<void>;
}

/** A case before it knows the store. */
export interface Plan {
  readonly name: string;
  readonly needs?: keyof Faults;
  /** It saves: a read-only store is asked whether it refuses to. */
  readonly writes?: true;
  run(place: Place): Promise<void>;
}

/** What a case works with: the handles, and verbs that fail where they take too long. */
export interface Place extends Handles {
  readonly faults: {
    put(text: string): Promise<void>;
    fail(): Promise<() => Promise<void>>;
    hang(): Promise<() => Promise<void>>;
    lose(): Promise<void>;
  };
  readonly quietMs: number;
  readonly deaf: boolean;
  soon<T>(what: string, work: () => MaybePromise<T>): Promise<T>;
  load(store: TokenStore): Promise<SessionRecord | undefined>;
  save(store: TokenStore, next: SessionRecord, ifRevision: number): Promise<boolean>;
}

export function casesFor<H extends Handles>(
  plans: readonly Plan[],
  make: () => Promise<H>,
  faults: Faults<H>,
  options: ContractOptions,
): Case[] {
  const { patienceMs = 3_000, quietMs = 60, deaf = false } = options;
  const soon = <T>(what: string, work: () => MaybePromise<T>) => within(what, work, patienceMs);
  const caseFor = ({ name, writes, run }: Plan): Case => ({
    name,
    async run() {
      const made = await make();
      const { a, b } = made;
      const ending = async (end: (() => MaybePromise<unknown>) | undefined) => {
        await end?.();
      };
      const place: Place = {
        a,
        b,
        quietMs,
        deaf,
        soon,
        load: (store) => soon('load', () => store.load()),
        save: (store, next, ifRevision) => soon('save', () => store.save(next, ifRevision)),
        faults: {
          put: async (text) => void (await faults.put?.(made, text)),
          fail: async () => ending.bind(undefined, await faults.fail?.(made)),
          hang: async () => ending.bind(undefined, await faults.hang?.(made)),
          lose: async () => void (await faults.lose?.(made)),
        },
      };
      try {
        await (writes && a.readOnly ? refuses(place) : run(place));
      } finally {
        await soon('close', () => a.close?.());
        await soon('close', () => b.close?.());
      }
    },
  });
  return plans.filter(({ needs }) => needs === undefined || faults[needs] !== undefined).map(caseFor);
}

/** What a store that says `readOnly` must do instead of saving. */
async function refuses(place: Place): Promise<void> {
  const before = await place.load(place.a);
  check((await place.save(place.a, record(9), before?.revision ?? 0)) === false, 'it is read-only and saved');
  same(await place.load(place.a), before, 'what is stored');
}

export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

/** Compares records as JSON does: what is undefined is absent. */
export function same(found: unknown, wanted: unknown, what: string): void {
  const [is, should] = [canonical(found), canonical(wanted)];
  check(is === should, `${what}: ${is} instead of ${should}`);
}

function canonical(value: unknown): string {
  const sorted = (_: string, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1)))
      : inner;
  return JSON.stringify(value, sorted) ?? 'undefined';
}

export function record(revision: number, about: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: 'alice',
    revision,
    generation: revision,
    boundTo: '',
    tokens: { accessToken: `at-${revision}`, refreshToken: `rt-${revision}` },
    ...about,
  };
}

/** The error that the work fails with; undefined: it did not. */
export async function failureOf(work: () => MaybePromise<unknown>): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A gate that the case opens. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function within<T>(what: string, work: () => MaybePromise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not settle within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([Promise.resolve().then(work), late]);
  } finally {
    clearTimeout(timer);
  }
}
