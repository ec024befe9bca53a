import { plainFetch } from '../plain-fetch.js';
import type { TokenSet } from '../protocol/token-set.js';
import { endsWithRequest } from '../shared-work.js';
import type { FetchLike } from '../types.js';
import { Core } from './core.js';
import { call, Emitter } from './emitter.js';
import { Flights } from './flights.js';
import type { Acquire, GrantContext, Refresh } from './grant.js';
import { Ledger } from './ledger.js';
import { Loader } from './loader.js';
import { memoryStore } from './memory-store.js';
import type { Parts } from './parts.js';
import { Place } from './place.js';
import { Snapshots, type UserOf } from './snapshot.js';
import { canRefresh } from './turn.js';
import type { SharedOptions } from './types.js';
import { isPromise, unlessAborted } from './wait.js';
import { Writer } from './writer.js';

/** What a kind of session brings to the engine that both kinds run on. */
export interface Kind<User> {
  readonly refresh: Refresh | undefined;
  readonly acquire: Acquire | undefined;
  readonly judge: Parts['judge'];
  readonly revoke: ((context: GrantContext, tokens: TokenSet | undefined) => Promise<unknown>) | undefined;
  readonly softMs: number;
  readonly hardMs: number;
  readonly userOf: (ledger: Ledger) => UserOf<User>;
  readonly cookie?: ConstructorParameters<typeof Core>[4];
  /** Runs after every change, before the snapshot is read. */
  readonly changed?: () => void;
  /** The sign-in is over. */
  readonly ended?: () => void;
}

const TIMEOUT_MS = 8_000;
const LONGEST_TIMEOUT_MS = 25_000;

/** Everything behind a session's closures. */
export interface Engine<User> {
  readonly parts: Parts;
  readonly core: Core;
  readonly flights: Flights;
  readonly loader: Loader;
  readonly writer: Writer;
  readonly snapshots: Snapshots<User>;
  readonly emitter: Emitter;
  /** Runs one of the user's functions beside the session: plain fetch, and no longer than a refresh, or `ms`. */
  readonly aside: <T>(work: (context: GrantContext) => Promise<T>, ms?: number) => Promise<T>;
  readonly close: () => Promise<void>;
}

export function createEngine<User>(options: SharedOptions, kind: Kind<User>): Engine<User> {
  const timeoutMs = duration('refreshTimeoutMs', options.refreshTimeoutMs, TIMEOUT_MS);
  if (timeoutMs > LONGEST_TIMEOUT_MS || timeoutMs === 0)
    throw new TypeError('refreshTimeoutMs must be above 0 and at most 25000 milliseconds');
  const now = options.now ?? (() => Date.now());
  const emitter = new Emitter(options.observe);
  const store = options.store ?? memoryStore();
  for (const verb of ['load', 'save', 'turn'] as const)
    if (typeof store?.[verb] !== 'function') throw new TypeError(`store must have a \`${verb}\` function`);
  const boundTo = kind.refresh?.boundTo ?? kind.acquire?.boundTo ?? '';
  const place = new Place(store, now, (reason) =>
    emitter.emit({ type: 'store-degraded', at: now(), reason }),
  );
  // A user is asked for a request's sake, not to know who is signed in, nor because a token will be refused.
  const isSilent = () => kind.acquire !== undefined && !kind.acquire.promptMs;
  const changed = () => {
    flights.adopted();
    kind.changed?.();
    snapshots.changed();
  };
  const ledger = new Ledger({
    emitter,
    now,
    boundTo,
    exclusive: store.exclusive,
    softMs: kind.softMs,
    hardMs: kind.hardMs,
    renewable: ({ tokens }) => {
      if (store.readOnly) return false;
      const { refresh } = kind;
      return isSilent() || (refresh !== undefined && canRefresh(refresh, tokens));
    },
    changed,
    ended: () => {
      flights.release();
      kind.ended?.();
    },
  });
  const fetch = (): FetchLike => {
    const below = plainFetch(options.fetch ?? globalThis.fetch);
    // Browsers and workerd refuse to be called as a method: `context.fetch(…)`.
    return below === globalThis.fetch ? (...request) => below(...request) : below;
  };
  const aside = <T>(work: (context: GrantContext) => Promise<T>, ms = timeoutMs): Promise<T> => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), ms);
    const began = parts.inGrant;
    parts.inGrant = true;
    let running: Promise<T>;
    try {
      running = Promise.resolve(work({ signal: limit.signal, fetch: fetch() }));
    } catch (error) {
      running = Promise.reject(error);
    } finally {
      parts.inGrant = began;
    }
    return unlessAborted(running, limit.signal).finally(() => clearTimeout(timer));
  };
  const revoke = async (tokens: TokenSet | undefined): Promise<void> => {
    const { revoke } = kind;
    if (!revoke || (!tokens && !kind.cookie)) return;
    const revoking = aside((context) => revoke(context, tokens)).then(
      () => {},
      () => {},
    );
    beside(revoking);
    await revoking;
  };
  const parts: Parts = {
    ledger,
    place,
    emitter,
    now,
    boundTo,
    timeoutMs,
    refresh: kind.refresh,
    acquire: kind.acquire,
    fetch,
    judge: kind.judge,
    revoke,
    lost: undefined,
    inGrant: false,
  };
  const beside = (work: Promise<unknown>): void => {
    if (options.waitUntil) call(options.waitUntil, work);
  };
  const flights: Flights = new Flights(parts, changed, () => loader.catchUp(), beside);
  const snapshots: Snapshots<User> = new Snapshots(
    ledger,
    kind.userOf(ledger),
    () => flights.current !== undefined,
    isSilent(),
  );
  const loader = new Loader(ledger, place, now, beside);
  // Where work ends with its request nothing is begun that nobody waits for; a page that nobody sees waits until it must.
  const worksBeside = () => !isHidden() && (options.waitUntil !== undefined || !endsWithRequest());
  const core = new Core(parts, flights, loader, worksBeside, kind.cookie);
  const writer = new Writer(parts, loader, beside);
  const resumed = () => resume(core, loader);
  const awake = options.onResume ? options.onResume(resumed) : store.onResume?.(resumed);
  return {
    parts,
    core,
    flights,
    loader,
    writer,
    snapshots,
    emitter,
    aside,
    close: async () => {
      flights.close();
      loader.close();
      writer.close();
      if (typeof awake === 'function') awake();
      await place.close();
    },
  };
}

/** The app is back: other contexts may have changed the session, and its token may have run out meanwhile. */
function resume(core: Core, loader: Loader): void {
  loader.refresh();
  const { ledger } = core.parts;
  if (!ledger.held) return;
  const held = core.current(ledger.life);
  if (isPromise(held)) held.then(undefined, () => {});
}

function isHidden(): boolean {
  const { document } = globalThis as { document?: { visibilityState?: unknown } };
  return document?.visibilityState === 'hidden';
}

/** An option in milliseconds. */
export function duration(name: string, given: number | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (typeof given !== 'number' || !Number.isFinite(given) || given < 0)
    throw new TypeError(`${name} must be a number of milliseconds`);
  return given;
}
