import { isObject } from '../protocol/objects.js';
import type { SessionCore } from '../protocol/session-core.js';
import { type Core, PLAIN } from './core.js';
import { createEngine, type Engine, type Kind } from './engine.js';
import { exchange } from './exchange.js';
import type { Acquire, DerivedFor, GrantContext } from './grant.js';
import type { Life } from './life.js';
import { memoryStore } from './memory-store.js';
import type { SharedOptions } from './types.js';

const MEMBERS = ['resource', 'audience', 'scope'] as const;

/** Checks what a derived session is for; a copy, so that nobody changes it later. */
export function targetOf(given: DerivedFor, over: DerivedFor = {}): DerivedFor {
  const target: Record<string, string> = {};
  for (const name of MEMBERS) {
    const value = (isObject(given) ? given[name] : undefined) ?? over[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' || value === '') throw new TypeError(`derive: ${name} must be a text`);
    target[name] = value;
  }
  if (Object.keys(target).length === 0)
    throw new TypeError('derive: resource, audience or scope must be given');
  return target;
}

/** The access tokens of one target, each sign-in's apart: an engine of their own, which acquires from the sign-in. */
export class Derived {
  readonly #base: Engine<unknown>;
  readonly #target: DerivedFor;
  readonly #options: SharedOptions;
  readonly #kind: Pick<Kind<undefined>, 'judge' | 'softMs' | 'hardMs'>;
  #life: Life | undefined;
  #engine: Engine<undefined> | undefined;

  constructor(
    base: Engine<unknown>,
    target: DerivedFor,
    options: SharedOptions,
    kind: Pick<Kind<undefined>, 'judge' | 'softMs' | 'hardMs'>,
  ) {
    this.#base = base;
    this.#target = target;
    this.#options = options;
    this.#kind = kind;
  }

  /** The engine of the sign-in there is now; its calls ended with the one before. */
  get engine(): Engine<undefined> {
    const { parts } = this.#base;
    const { life } = parts.ledger;
    if (this.#engine !== undefined && this.#life === life) {
      const { ledger } = this.#engine.parts;
      // the sign-in has been acquired since nobody was found
      if (ledger.nobody && parts.ledger.held)
        Object.assign(ledger, { notBefore: undefined, declined: false });
      return this.#engine;
    }
    const acquire: Acquire = (context: GrantContext) => exchange(this.#base, life, this.#target, context);
    // A user is asked only where the sign-in itself has to be acquired.
    const promptMs = () => (parts.refresh && parts.ledger.held ? undefined : parts.acquire?.promptMs);
    Object.defineProperty(acquire, 'promptMs', { get: promptMs });
    const { fetch, now, refreshTimeoutMs, waitUntil } = this.#options;
    this.#life = life;
    this.#engine = createEngine<undefined>(
      { fetch, now, refreshTimeoutMs, waitUntil, store: memoryStore() },
      {
        ...this.#kind,
        acquire,
        refresh: undefined,
        revoke: undefined,
        userOf: () => () => ({ user: undefined }),
      },
    );
    return this.#engine;
  }

  /** The sign-in is over: who waits is told as everybody is. */
  release(): void {
    const { ended } = this.#life ?? {};
    const { ledger } = this.#engine?.parts ?? {};
    this.#life = undefined;
    if (ended && ledger) ledger.end(ended.cause, ended.error);
  }

  /** The session is closed. */
  close(): void {
    this.#engine?.flights.close();
  }

  /** What schemes see: always of the sign-in there is now. */
  view(): SessionCore {
    const core = (): Core => this.engine.core;
    const base = this.#base.core;
    return {
      begin: () => (base.begin() === PLAIN ? PLAIN : core().begin()),
      current: (begun) => core().current(begun),
      replace: (refused, begun, challenge, signal) => core().replace(refused, begun, challenge, signal),
      accepted: (held) => core().accepted(held),
      get promptMs() {
        return core().promptMs;
      },
      get plain() {
        return base.plain || core().plain;
      },
      get worksBeside() {
        return base.worksBeside;
      },
    };
  }
}
