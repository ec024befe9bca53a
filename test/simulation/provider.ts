import type { TokenInput, TokenSet } from '../../src/protocol/token-set.js';
import type { GrantContext, Refresh, Renewed, StepUp } from '../../src/session/grant.js';
import {
  type Access,
  clientSecret,
  type Family,
  type Line,
  noCooldown,
  type Post,
  type Spent,
} from './families.js';
import { isShared } from './faults.js';
import { invalidGrant, problemOf } from './problems.js';
import { world } from './scheduler.js';
import { secretMark, type World } from './world.js';

type Minted = Extract<TokenInput, { access_token: string }>;

type Answer = (context: number, delay: number, run: () => void) => void;

/** An authorization server with rotation and reuse detection. */
export class Provider {
  readonly families: Family[] = [];
  readonly access = new Map<string, Access>();
  readonly spent = new Map<string, Spent>();
  readonly owners = new Map<string, Family>();
  readonly #lines = new Map<string, Line>();
  #minted = 0;
  readonly #world: World;

  constructor(of: World) {
    this.#world = of;
  }

  signIn(user: string): { family: Family; tokens: TokenInput } {
    const family: Family = { number: this.families.length + 1, user, current: '' };
    this.families.push(family);
    return { family, tokens: this.#mint(family, undefined, { current: '', more: false }) };
  }

  endAny(): void {
    const family = this.families[this.#world.random.int(this.families.length)];
    if (family) family.dead ??= 'ended by the provider';
  }

  familyOf(token: string | undefined): Family | undefined {
    return token === undefined ? undefined : (this.access.get(token)?.family ?? this.owners.get(token));
  }

  isGood(token: string): boolean {
    const found = this.access.get(token);
    return found !== undefined && !found.family.dead && found.expiresAt > this.#world.scheduler.now;
  }

  /** The function that a session is given as `refresh`. */
  refresh(
    context: number,
    { held, signal, target }: Parameters<Refresh>[0],
    clock: number,
  ): Promise<Renewed> {
    const token = held.refreshToken ?? 'none';
    const audience = target?.audience;
    return this.#ask(context, token, signal, clock, (post) => this.#rotate(post, token, signal, audience));
  }

  /** The function that a session is given as `stepUp`: it posts the refresh token, or asks the user, who may decline. */
  stepUp(context: number, { held, signal }: Parameters<StepUp>[1]): Promise<Renewed> {
    const { random, scheduler, oracle } = this.#world;
    const token = held.refreshToken ?? 'none';
    const family = this.owners.get(token);
    const line = this.#lines.get(token);
    oracle.steppedUp(context, family);
    const how = random.pick(['posts', 'posts', 'asks', 'asks', 'asks', 'declines', 'fails'] as const);
    if (how === 'posts') {
      const since = scheduler.now;
      const mint = (post: Post) => {
        if (line?.current === token) line.more = true;
        return this.#rotate(post, token, signal, undefined);
      };
      const { signal: never } = new AbortController();
      return this.#ask(context, token, never, noCooldown, mint).finally(() => {
        const spent = this.spent.get(token);
        if (spent && scheduler.now - since >= 4_900) spent.slow = true;
      });
    }
    return new Promise((resolve, reject) => {
      scheduler.at(random.pick([0, 100, 2_000, 6_000, 15_000, 40_000]), context, () => {
        if (how === 'fails') reject(new Error(`cannot step up ${token}`));
        else if (how === 'declines' || !family || family.dead) resolve(null);
        else if (random.chance(0.5)) resolve(this.#mint(family, context, { current: '', more: true }));
        else resolve({ ...this.#mint(family, context, undefined), refresh_token: null });
      });
    });
  }

  /** The function that a service is given as `acquire`: client credentials, all of one family, no refresh token. */
  acquire(context: number, { signal, target }: GrantContext, clock: number): Promise<Renewed> {
    const family = this.families[0] ?? this.signIn('service').family;
    const isAlone = target !== undefined;
    return this.#ask(context, clientSecret, signal, isAlone ? undefined : clock, () => {
      this.#world.oracle.rotated(context, family, target?.audience);
      return { ...this.#mint(family, context, undefined, target?.audience), refresh_token: null };
    });
  }

  #ask(
    context: number,
    token: string,
    signal: AbortSignal,
    clock: number | undefined,
    mint: (post: Post) => TokenInput | undefined,
  ): Promise<Renewed> {
    const { faults, scheduler, oracle, random } = this.#world;
    // what a client derives for itself needs no turn
    if (clock !== undefined) oracle.posted(context, token, signal, clock);
    const turn = clock === undefined ? undefined : this.#world.placeOf(context).turns.last.get(context);
    return new Promise<Renewed>((resolve, reject) => {
      const deaf = random.chance(0.1);
      const answer: Answer = (owner, delay, run) => void scheduler.at(delay, owner, run);
      if (!deaf) {
        signal.addEventListener('abort', () => {
          oracle.aborted(context, token, turn);
          reject(signal.reason);
        });
      }
      const slow = faults.hits('rotationIsSlow') ? faults.long() : 0;
      const early = random.chance(0.5);
      const back = faults.latency() + (early ? 0 : slow);
      const stepsUp = clock === noCooldown;
      const post: Post = {
        context,
        turn,
        begunAt: scheduler.now,
        ...oracle.reuses.lastRead(context),
        stepsUp,
        isSlow: slow > 0,
      };
      const leave = () => void scheduler.at(faults.latency() + (early ? slow : 0), world, received);
      const received = () => {
        this.#world.strike(context);
        const problem = problemOf(this.#world, token);
        if (problem) {
          if (problem !== 'silence') {
            // Between two tries.
            scheduler.at(back + 100, world, () => this.#world.strike(context));
            answer(context, back, () => (problem instanceof Error ? reject(problem) : resolve(problem)));
          }
          return;
        }
        const tokens = mint(post);
        this.#world.strike(context);
        if (!tokens) {
          answer(context, back, () => {
            // what a step-up is told is not its session's to know
            if (!signal.aborted && clock !== noCooldown) oracle.toldDead(context, token);
            resolve(invalidGrant(this.#world, token));
          });
          return;
        }
        const hangs = faults.hits('rotationHangs');
        const lost = !hangs && faults.hits('rotationIsLost');
        post.lost = hangs || lost;
        if (hangs) return;
        answer(context, back, () => {
          if (lost) {
            if (random.chance(0.5)) reject(new TypeError(`fetch failed for ${token}`));
            else resolve(new Response('<html>', { status: 502 }));
            return;
          }
          const spent = this.spent.get(token);
          if (spent && (deaf || !signal.aborted)) spent.delivered = true;
          resolve(tokens);
        });
      };
      // A connection is made first: who is stopped meanwhile posts when it goes on.
      if (isShared(this.#world.settings)) {
        scheduler.at(faults.latency(), context, () => {
          if (deaf || !signal.aborted) leave();
        });
        this.#world.strike(context);
      } else leave();
    });
  }

  /** Ends the family, as a session asks at sign-out or for tokens it cannot keep. */
  revoke(context: number, held: TokenSet): Promise<unknown> {
    const family = this.familyOf(held.refreshToken) ?? this.familyOf(held.accessToken);
    this.#world.oracle.revoked(context, family);
    return new Promise((resolve) => {
      this.#world.scheduler.at(this.#world.faults.latency(), world, () => {
        // A service's tokens are revoked one by one.
        if (family && !this.#world.settings.service) family.dead ??= 'revoked';
        this.#world.scheduler.at(this.#world.faults.latency(), context, () => resolve(undefined));
      });
    });
  }

  #rotate(post: Post, token: string, signal: AbortSignal, target: string | undefined): Minted | undefined {
    const { context } = post;
    const family = this.owners.get(token);
    const line = this.#lines.get(token);
    if (!family || !line || family.dead) return undefined;
    if (line.current !== token) {
      if (this.#world.settings.strict) family.dead = 'reuse';
      // A request that was given up arrives late: its answer was lost before it was given.
      if (!signal.aborted || isShared(this.#world.settings)) this.#world.oracle.reused(post, token, family);
      return undefined;
    }
    const tokens = this.#mint(family, context, line, target);
    this.spent.set(token, {
      by: context,
      at: this.#world.scheduler.now,
      successor: line.current,
      access: tokens.access_token,
      delivered: false,
      post,
    });
    this.#world.oracle.rotated(context, family, target);
    return tokens;
  }

  #mint(family: Family, by: number | undefined, line: Line | undefined, target?: string): Minted {
    const { settings, scheduler } = this.#world;
    const serial = `${family.number}.${++this.#minted}`;
    const token = `at-${serial}-${secretMark}`;
    const expiresAt = scheduler.now + settings.life * 1_000;
    const refresh = line && `rt-${serial}-${secretMark}`;
    if (line && refresh) {
      family.current = line.current = refresh;
      this.owners.set(refresh, family);
      this.#lines.set(refresh, line);
    }
    this.access.set(token, {
      token,
      family,
      by,
      refresh,
      target,
      more: line?.more ?? !settings.service,
      expiresAt,
    });
    return {
      access_token: token,
      token_type: 'Bearer',
      refresh_token: refresh ?? null,
      ...(settings.lifeIsTold ? { expires_in: settings.life } : {}),
    };
  }
}
