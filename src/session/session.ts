import { SignedOutError, TokenResponseError } from '../errors.js';
import { assertOptions } from '../protocol/objects.js';
import { sessionCore } from '../protocol/session-core.js';
import type { TokenInput, TokenSet } from '../protocol/token-set.js';
import { accessTokenOf, renewNow } from './access-token.js';
import { fromNothing } from './core.js';
import { type DerivedSession, deriver } from './deriver.js';
import { createEngine, duration, type Engine } from './engine.js';
import { judge, judgeError } from './judged.js';
import type { Ledger } from './ledger.js';
import { secretsOf } from './policy.js';
import { schemeView } from './scheme-view.js';
import { signIn, signOut } from './signing.js';
import type { UserOf } from './snapshot.js';
import { StepUps } from './step-ups.js';
import { token } from './token.js';
import { promptMsOf } from './turn.js';
import type { Session, SessionOptions, SessionSnapshot } from './types.js';

const SOFT_MS = 60_000;
const HARD_MS = 5_000;

/**
 * The one holder of tokens: signs in and out, refreshes in a single flight, tells what happens
 * (RFC 6749, section 1.5: access tokens are obtained anew with the refresh token).
 *
 * @example
 * ```ts
 * const session = createSession({ refresh: refreshEndpoint('https://api.example.com/auth/refresh') });
 * await session.signIn({ accessToken: 'a', refreshToken: 'r', expiresIn: 300 });
 * ```
 * @throws TypeError naming the option that cannot be
 */
export function createSession<User = undefined>(options: SessionOptions<User> = {}): Session<User> {
  assertOptions('createSession', options);
  for (const name of [
    'refresh',
    'acquire',
    'stepUp',
    'revoke',
    'user',
    'observe',
    'now',
    'onResume',
  ] as const)
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw new TypeError(`createSession: ${name} must be a function`);
  const { revoke, stepUp } = options;
  let stepUps: StepUps | undefined;
  const derived = new Map<string, DerivedSession<User>>();
  const kind = {
    judge,
    softMs: duration('refreshAheadMs', options.refreshAheadMs, SOFT_MS),
    hardMs: duration('expiryLeewayMs', options.expiryLeewayMs, HARD_MS),
  };
  const engine = createEngine<User>(options, {
    ...kind,
    refresh: options.refresh,
    acquire: options.acquire,
    revoke: revoke && ((context, held) => revoke({ ...context, held: held as TokenSet })),
    userOf: (ledger) => userFrom(ledger, options.user),
    ended() {
      stepUps?.release();
      for (const { of } of derived.values()) of.release();
    },
  });
  stepUps = stepUp && new StepUps(engine as Engine<unknown>, stepUp);
  const stepUpOf = stepUps?.replace;
  const { core, snapshots, emitter } = engine;
  const session: Session<User> = {
    ready: () => ready(engine),
    getSnapshot: () => snapshots.get(),
    subscribe: (listener) => {
      const stop = snapshots.subscribe(listener);
      ready(engine).then(undefined, () => {});
      return stop;
    },
    on: (type, listener) => emitter.on(type, listener),
    signIn: (tokens) => (tokens === undefined ? acquireNow(engine) : signInWith(engine, options, tokens)),
    signOut: (how) => signOutNow(engine, how?.revoke !== false),
    token: (asked = {}) => token(engine, asked, stepUpOf),
    refresh: async (how) => accessTokenOf(await renewNow(core, how?.signal)),
    close: async () => {
      stepUps?.release();
      for (const { of } of derived.values()) of.close();
      await engine.close();
    },
    derive: (target) => derive(target),
    [sessionCore]: schemeView(core, stepUpOf),
  };
  const derive = deriver(session, engine as Engine<unknown>, options, kind, derived);
  return session;
}

/** Loads, and where nothing is stored acquires, until it is known whether somebody is signed in. */
async function ready<User>(engine: Engine<User>): Promise<SessionSnapshot<User>> {
  const { core, loader, snapshots } = engine;
  await loader.ensure();
  if (snapshots.get().status === 'loading') await core.current(core.begin());
  return snapshots.get();
}

async function signInWith<User>(
  engine: Engine<User>,
  options: SessionOptions<User>,
  tokens: TokenInput | Response,
): Promise<SessionSnapshot<User>> {
  const judged = await judge(tokens, engine.parts.now(), secretsOf(engine.parts.ledger.record?.tokens));
  if (judged.type !== 'minted') throw judged.error;
  try {
    if (judged.minted.tokens) options.user?.(judged.minted.tokens);
  } catch {
    throw new TokenResponseError('signIn: `user` cannot read these tokens');
  }
  await signIn(engine.parts, engine.writer, judged.minted);
  return engine.snapshots.get();
}

async function acquireNow<User>(engine: Engine<User>): Promise<SessionSnapshot<User>> {
  const { parts, flights, snapshots } = engine;
  const { ledger, acquire, timeoutMs } = parts;
  if (!acquire) throw new TypeError('signIn: tokens are missing, and there is no `acquire`');
  if (ledger.held) {
    const secrets = secretsOf(ledger.record?.tokens);
    const promptMs = promptMsOf(parts, acquire) || undefined;
    const judged = await engine
      .aside(async (context) => judge(await acquire(context), parts.now(), secrets), promptMs)
      .catch((error) => judgeError(error, parts.now(), secrets));
    if (judged.type !== 'minted') throw judged.error;
    await signIn(parts, engine.writer, judged.minted);
    return snapshots.get();
  }
  if (!flights.current) ledger.leave();
  const flight = flights.current ?? flights.join({ ...fromNothing, explicit: true }, true);
  const outcome = await flight.wait(timeoutMs);
  if (outcome.type === 'failed') throw outcome.error;
  if (outcome.type === 'nobody' && acquire.promptMs) throw outcome.error;
  if (outcome.type !== 'renewed') throw new SignedOutError('signIn: nobody is signed in');
  return snapshots.get();
}

async function signOutNow<User>(engine: Engine<User>, revoke: boolean): Promise<void> {
  const { parts, writer } = engine;
  const tokens = parts.ledger.record?.tokens;
  const ended = signOut(parts, writer);
  const revoking = ended.replaced.then(async (records) => {
    if (!revoke) return;
    const dead = new Map(
      records.map((record) => [record?.tokens?.refreshToken ?? record?.tokens?.accessToken, record]),
    );
    await Promise.all([...dead.values()].map((record) => parts.revoke(record?.tokens)));
  });
  try {
    await ended.intime;
  } catch (error) {
    // The store may stay out of reach for long: what is known here is revoked now.
    if (revoke) void parts.revoke(tokens);
    throw error;
  }
  await revoking;
}

/** Computed once for every renewal; one that fails keeps what was known of the same sign-in. */
function userFrom<User>(ledger: Ledger, read: SessionOptions<User>['user']): UserOf<User> {
  let of: unknown;
  let id: string | undefined;
  let user: User | undefined;
  return () => {
    const { held, record } = ledger;
    if (held !== of) {
      if (held?.id !== id) user = undefined;
      of = held;
      id = held?.id;
      try {
        if (record?.tokens) user = read?.(record.tokens);
      } catch {
        // signIn() has said so where the tokens came from
      }
    }
    return { user: user as User };
  };
}
