import type { AuthFetch } from '../../src/fetch/options.js';
import type { AccessToken } from '../../src/session/types.js';
import { type Action, ratesOf } from './actions.js';
import type { Call, CallKind } from './calls.js';
import { Context, type Target, targets } from './context.js';
import { callHeader } from './resource.js';
import { world as nobody } from './scheduler.js';
import type { World } from './world.js';

/** The users of a schedule: they call, sign in and out, and pull plugs. */
export class Actors {
  readonly contexts: Context[] = [];
  readonly #world: World;
  readonly #lastToken = new Map<string, AccessToken>();

  constructor(of: World) {
    this.#world = of;
  }

  /** Puts the whole schedule into the scheduler; returns when its last action happens. */
  plan(): number {
    const { random, scheduler, settings } = this.#world;
    const rates = ratesOf(settings);
    let at = 0;
    for (let index = 0; index < settings.contexts; index++) this.#open();
    if (!settings.seeded && !settings.service) this.#plan('signIn', 0, 0);
    for (let count = 0; count < settings.actions; count++) {
      at += random.pick([0, 0, 0, 0, 1, 5, 50, 300, 1_000, 3_000, 10_000, settings.life * 800]);
      this.#plan(random.weighted(rates), at, random.int(settings.contexts));
    }
    return scheduler.now + at;
  }

  #plan(action: Action, at: number, slot: number): void {
    const { scheduler } = this.#world;
    scheduler.at(at, nobody, () => {
      const alive = this.contexts.filter((context) => context.alive);
      const context = alive[slot % alive.length];
      // In a step of its own, so that what it starts belongs to the context.
      const signs = action === 'signIn' || action === 'signOut';
      const doable = signs && context?.index === this.#world.settings.readOnly ? 'fetch' : action;
      if (context) scheduler.at(0, context.index, () => this.#do(doable, context));
    });
  }

  /** It is started again a while later. */
  kill(context: Context): void {
    const { random, scheduler, oracle } = this.#world;
    oracle.killed(context.index);
    context.kill();
    scheduler.at(random.pick([0, 50, 5_000]), nobody, () => void this.#open());
  }

  #open(): Context {
    const index = this.contexts.length;
    const context = this.#world.scheduler.as(index, () => new Context(this.#world, index));
    this.contexts.push(context);
    return context;
  }

  #do(action: Action, context: Context): void {
    const { random, scheduler, faults, place, oracle } = this.#world;
    this.#world.log(() => `${action} in context ${context.index}`);
    const until = scheduler.now + random.pick([100, 1_000, 6_000, 20_000, 60_000]);
    switch (action) {
      case 'fetch':
        this.fetch(context);
        break;
      case 'burst':
        for (let count = 2 + random.int(5); count > 0; count--) this.fetch(context);
        break;
      case 'token':
        this.#token(context, false);
        break;
      case 'refused':
        this.#token(context, true);
        break;
      case 'derived':
        this.#derived(context);
        break;
      case 'more':
        for (let count = random.pick([1, 1, 3]); count > 0; count--)
          this.#send('step-up', context, context.fetch, '/more');
        break;
      case 'refresh':
        oracle.rates.asked();
        this.#track(
          'refresh',
          context,
          (signal) => context.session.refresh({ signal }),
          (call, token) => oracle.handedOut(call, token.accessToken),
        );
        break;
      case 'ready':
        this.#track('ready', context, () => context.session.ready());
        break;
      case 'storm':
        for (let count = 1 + random.int(12); count > 0; count--) place.channel.tell();
        break;
      case 'resume':
        for (const resume of context.resume) resume();
        break;
      case 'signIn':
        this.#signIn(context);
        break;
      case 'signOut':
        this.#track('sign-out', context, () => {
          oracle.lives.signsOut(context);
          return context.session.signOut();
        });
        break;
      case 'kill':
        this.kill(context);
        break;
      case 'pause':
        context.pause(random.pick([500, 5_000, 12_000, 40_000]));
        break;
      case 'failover':
      case 'vanish':
        place.failOver(action === 'vanish');
        break;
      case 'clockJump':
        context.clockJumped = true;
        context.skewMs += random.pick([-3_600_000, -30_000, -3_000, 3_000, 30_000, 3_600_000]);
        break;
      case 'storeDown':
      case 'providerDown':
      case 'refuseAll':
        faults[`${action}Until`] = until;
        break;
      case 'endFamily':
        this.#world.provider.endAny();
        break;
    }
  }

  fetch(context: Context, plain = false): void {
    const { random } = this.#world;
    this.#track(
      'fetch',
      context,
      (signal, call) => {
        const headers: Record<string, string> = { [callHeader]: String(call.id) };
        call.deaf = plain || random.chance(0.5);
        const post = !plain && random.chance(0.2);
        return context.fetch('/thing', {
          headers: !plain && random.chance(0.1) ? (Object.entries(headers) as [string, string][]) : headers,
          ...(post ? { method: 'POST', body: 'text' } : {}),
          ...(call.deaf ? {} : { signal }),
        });
      },
      (call, response) => {
        call.result = String(response.status);
      },
      plain,
    );
  }

  /** One of the other access tokens: sent, handed out, or said to be refused. */
  #derived(context: Context): void {
    const { random } = this.#world;
    const target = random.pick(targets);
    const how = random.int(4);
    if (how < 2) {
      this.#send('derived', context, context.derived[target], '/thing', target);
      return;
    }
    this.#token(context, how === 3, target);
  }

  #send(kind: CallKind, context: Context, send: AuthFetch, path: string, target?: string): void {
    this.#track(
      kind,
      context,
      (signal, call) => {
        if (target !== undefined) call.target = target;
        return send(path, { headers: { [callHeader]: String(call.id) }, signal });
      },
      (call, response) => {
        call.result = response.status === 200 ? 'done' : String(response.status);
      },
    );
  }

  #token(context: Context, isRefused: boolean, target?: Target): void {
    const key = `${context.index} ${target}`;
    this.#track(
      target === undefined ? 'token' : 'derived',
      context,
      (signal, call) => {
        if (target !== undefined) call.target = target;
        const refused = isRefused ? this.#lastToken.get(key) : undefined;
        call.refuses = refused !== undefined;
        const { session } = context;
        return (target === undefined ? session : session.derive({ audience: target })).token({
          signal,
          refused,
        });
      },
      (call, token) => {
        this.#lastToken.set(key, token);
        this.#world.oracle.handedOut(call, token.accessToken);
      },
    );
  }

  #signIn(context: Context): void {
    const { random, provider, oracle } = this.#world;
    const { family, tokens } = provider.signIn(random.pick(['alice', 'bob']));
    this.#track('sign-in', context, (_, call) => {
      call.signs = family.number;
      oracle.lives.signsIn(context, family.number);
      return context.session.signIn(tokens);
    });
  }

  /** Begins a call, perhaps aborts it, and tells the oracle how it settles. */
  #track<T>(
    kind: CallKind,
    context: Context,
    begin: (signal: AbortSignal, call: Call) => Promise<T>,
    done?: (call: Call, value: T) => void,
    plain = false,
  ): void {
    const { oracle, random, scheduler } = this.#world;
    const call = oracle.begin(kind, context);
    context.use();
    const controller = new AbortController();
    const abortable =
      !plain && kind !== 'sign-in' && kind !== 'sign-out' && kind !== 'ready' && random.chance(0.15);
    if (abortable) {
      scheduler.at(random.pick([0, 1, 10, 100, 1_000, 5_000]), context.index, () => {
        if (call.settledAt !== undefined || call.deaf) return;
        call.reason = new Error(`the caller of ${call.id} has gone`);
        call.abortedAt = scheduler.now;
        controller.abort(call.reason);
      });
    }
    begin(controller.signal, call).then(
      (value) => {
        done?.(call, value);
        oracle.settled(call, call.result ?? 'done');
      },
      (error: unknown) =>
        oracle.settled(call, (error as { code?: string } | undefined)?.code ?? 'failed', error),
    );
  }
}
