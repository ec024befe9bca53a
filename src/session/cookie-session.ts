import { RefreshUnavailableError } from '../errors.js';
import { expiryIn } from '../protocol/lifetime.js';
import { assertOptions, isObject } from '../protocol/objects.js';
import { sessionCore } from '../protocol/session-core.js';
import type { MaybePromise } from '../types.js';
import { renewNow } from './access-token.js';
import { answerOf, isResponse, isSuccess } from './answer.js';
import { createEngine, type Engine } from './engine.js';
import type { Grant, GrantContext } from './grant.js';
import { type Judged, judge } from './judged.js';
import type { HeldCredentials } from './life.js';
import type { Parts } from './parts.js';
import { schemeView } from './scheme-view.js';
import { signIn, signOut } from './signing.js';
import type { CookieSession, SessionSnapshot, SharedOptions } from './types.js';
import { UserLoader } from './user-loader.js';
import { within } from './wait.js';

const SOFT_MS = 60_000;
const HARD_MS = 5_000;
/** What `createCookieSession` is told. */

export interface CookieSessionOptions<User = undefined> extends SharedOptions {
  /** Renews the cookies: a 2xx of any body is a renewal; `expires_in` in seconds is heeded. */
  refresh: Grant;
  /** Tells the server at sign-out; runs inside the turn, so that no refresh sets the cookies again. */
  revoke?: ((context: GrantContext) => Promise<unknown>) | undefined;
  /** The header against request forgery; the token is read anew for every sending. */
  csrf?: { header: string; token: () => MaybePromise<string | undefined> } | undefined;
  /** Who is signed in, asked once for every sign-in; kept in the snapshot. */
  user?: ((context: GrantContext) => Promise<User>) | undefined;
}

/**
 * A session in HttpOnly cookies (RFC 6265, section 5.3): no script can read its tokens; it is stamped, renewed and
 * ended like any other.
 *
 * @example
 * ```ts
 * const session = createCookieSession({ refresh: refreshEndpoint('/auth/refresh') });
 * ```
 * @throws TypeError naming the option that cannot be
 */
export function createCookieSession<User = undefined>(
  options: CookieSessionOptions<User>,
): CookieSession<User> {
  assertOptions('createCookieSession', options);
  for (const name of ['refresh', 'revoke', 'user', 'observe', 'now', 'onResume'] as const)
    if ((name === 'refresh' || options[name] !== undefined) && typeof options[name] !== 'function')
      throw new TypeError(`createCookieSession: ${name} must be a function`);
  const { refresh, revoke, csrf } = options;
  if (csrf && (typeof csrf.header !== 'string' || typeof csrf.token !== 'function'))
    throw new TypeError('createCookieSession: csrf must have a `header` and a `token` function');
  const renew = (context: GrantContext) => refresh({ signal: context.signal, fetch: context.fetch });
  const users = new UserLoader<User>(options.user);
  const engine: Engine<User> = createEngine<User>(options, {
    refresh: renew,
    acquire: renew,
    judge: judgeCookies,
    revoke,
    softMs: SOFT_MS,
    hardMs: HARD_MS,
    userOf: (ledger) => () => users.of(ledger.held?.id),
    cookie: { unknown, csrf },
    changed: () => {
      if (users.wanted(engine.parts.ledger.held?.id)) load(engine, users).then(undefined, () => {});
    },
  });
  const { core, snapshots, emitter } = engine;
  return {
    ready: () => ready(engine, users),
    getSnapshot: () => snapshots.get(),
    subscribe: (listener) => {
      const stop = snapshots.subscribe(listener);
      ready(engine, users).then(undefined, () => {});
      return stop;
    },
    on: (type, listener) => emitter.on(type, listener),
    signIn: async (about) => {
      const { parts, writer } = engine;
      const expiresAt = expiryIn(about?.expiresIn, parts.now());
      await signIn(parts, writer, { expiresAt });
      return ready(engine, users);
    },
    signOut: (how) => signOutNow(engine, how?.revoke !== false),
    refresh: async (how) => void (await renewNow(core, how?.signal)),
    close: engine.close,
    [sessionCore]: schemeView(core),
  };
}

/** Sent before it is known whether somebody is signed in. */
const unknown: HeldCredentials = {
  id: '',
  generation: 0,
  accessToken: '',
  tokenType: '',
  expiresAt: undefined,
  bornOfRefusal: false,
  accepted: true,
  refusedYoung: false,
};

async function ready<User>(engine: Engine<User>, users: UserLoader<User>): Promise<SessionSnapshot<User>> {
  const { core, loader, snapshots, parts } = engine;
  await loader.ensure();
  // Nothing is stored, but there may be cookies: one refresh tells.
  if (!parts.ledger.held && snapshots.get().status === 'loading') {
    const replaced = await core.replace(undefined, core.begin(), undefined, undefined);
    if ('held' in replaced) await load(engine, users);
  } else if (parts.ledger.held) await load(engine, users);
  return snapshots.get();
}

async function load<User>(engine: Engine<User>, users: UserLoader<User>): Promise<void> {
  const id = engine.parts.ledger.held?.id;
  if (id === undefined) return;
  try {
    await users.load(id, engine.aside);
  } catch {
    throw new RefreshUnavailableError('Who is signed in could not be asked');
  }
  engine.snapshots.changed();
}

/** Ended at once here and in the store; the server is told last, after any refresh that could set cookies again. */
async function signOutNow<User>(engine: Engine<User>, revoke: boolean): Promise<void> {
  const { parts, writer, flights } = engine;
  if (parts.inGrant) throw new TypeError('signOut: not from inside `refresh`');
  const flying = flights.work;
  const ended = signOut(parts, writer);
  await Promise.all([ended.intime, revoke ? revokeLast(parts, flying) : bounded(parts, flying)]);
}

/** Inside the turn, after the refresh under way; whoever keeps the turn too long does not keep the cookies alive. */
async function revokeLast(parts: Parts, flying: Promise<unknown> | undefined): Promise<void> {
  const waiting = new AbortController();
  let revoked: Promise<void> | undefined;
  const once = () => {
    revoked ??= parts.revoke(undefined);
    return revoked;
  };
  const inTurn = async () => {
    await flying;
    if (!waiting.signal.aborted) await parts.place.store.turn(once, { signal: waiting.signal });
  };
  await bounded(parts, inTurn());
  waiting.abort();
  await once();
}

/** No longer than a refresh, and whatever comes of it. */
async function bounded(parts: Parts, work: Promise<unknown> | undefined): Promise<void> {
  if (work) await within(work, parts.timeoutMs, () => new RefreshUnavailableError()).catch(() => {});
}

/** A cookie session needs no tokens: a success is a renewal, and its lifetime is heeded where it is told. */
async function judgeCookies(renewed: unknown, now: number): Promise<Judged> {
  if (isResponse(renewed)) {
    if (!isSuccess(renewed.status)) return judge(renewed, now);
    const { json } = await answerOf(renewed);
    return isObject(json) ? judgeCookies(json, now) : minted({}, now);
  }
  if (renewed === undefined) return minted({}, now);
  // Some servers say 200 and put the error into the body.
  if (!isObject(renewed) || typeof renewed['error'] === 'string') return judge(renewed, now);
  return minted(renewed, now);
}

function minted(about: Readonly<Record<string, unknown>>, now: number): Judged {
  return { type: 'minted', minted: { expiresAt: expiryIn(about['expires_in'] ?? about['expiresIn'], now) } };
}
