import { Actors } from './actors.js';
import { bounds, type Call } from './calls.js';
import type { Context } from './context.js';
import { drawSettings, Faults, isShared, type Settings } from './faults.js';
import { Oracle } from './oracle.js';
import { replacePlatform } from './platform.js';
import { Provider } from './provider.js';
import { createRandom, type Random } from './random.js';
import { Scheduler } from './scheduler.js';
import { Place } from './store.js';
import { strike } from './strike.js';
import type { World } from './world.js';

export interface Outcome {
  readonly seed: number;
  readonly settings: Settings;
  readonly violations: readonly string[];
  readonly log: readonly string[];
  readonly steps: number;
  readonly world: World;
}

/** Cooldowns and the wait after early refusals end within five minutes, by clocks that are apart. */
const untilCalm = 900_000;

/** Runs the schedule that follows from `seed`. */
export async function runSchedule(
  seed: number,
  verbose = false,
  draw: (random: Random) => Settings = drawSettings,
): Promise<Outcome> {
  const random = createRandom(seed);
  const settings = draw(random);
  const scheduler = new Scheduler(random);
  const started = scheduler.now;
  const faults = new Faults(settings, random, () => scheduler.now);
  const log: string[] = [];
  const parts = {
    random,
    scheduler,
    settings,
    faults,
    log: verbose ? (line: () => string) => void log.push(`${scheduler.now - started} ${line()}`) : () => {},
  };
  const world = parts as unknown as { -readonly [K in keyof World]: World[K] };
  world.oracle = new Oracle(world);
  world.provider = new Provider(world);
  world.place = new Place(world);
  const memory = new Place(world, true);
  world.placeOf = (context) => (context >= 0 && context === settings.degraded ? memory : world.place);
  const restore = replacePlatform(scheduler, random, (reason) =>
    world.oracle.violate(`unhandled rejection: ${String(reason)}`),
  );
  try {
    if (settings.seeded && !settings.service) signInBefore(world);
    const actors = new Actors(world);
    world.strike = (context) => strike(world, actors, context);
    const last = actors.plan();
    await scheduler.run(last);
    faults.heal();
    await settle(world);
    await probe(world, actors);
    for (const context of actors.contexts) {
      if (context.alive)
        context.session.close().catch((error: unknown) => world.oracle.violate(`close: ${String(error)}`));
    }
    await scheduler.run(scheduler.now + 60_000);
    leftBehind(world, actors);
  } finally {
    restore();
  }
  return { seed, settings, violations: world.oracle.violations, log, steps: scheduler.steps, world };
}

/** Somebody signed in before any of the contexts began, perhaps so long ago that the token has run out. */
function signInBefore(world: World): void {
  const { scheduler, provider, place, settings, random } = world;
  const { tokens } = provider.signIn('alice') as { tokens: { access_token: string; refresh_token: string } };
  const mintedAt = scheduler.now;
  const expiresAt = mintedAt + settings.life * 1_000;
  const record = {
    id: 'seeded',
    revision: 1,
    generation: 1,
    boundTo: '',
    tokens: {
      accessToken: tokens.access_token,
      tokenType: 'Bearer',
      refreshToken: tokens.refresh_token,
      ...(settings.lifeIsTold ? { expiresAt } : {}),
    },
    mintedAt,
    ...(settings.lifeIsTold ? { expiresAt } : {}),
  };
  place.begin(record);
  scheduler.now += random.pick([0, settings.life * 500, settings.life * 970, settings.life * 2_000]);
}

/** With the faults gone, every call must settle. */
async function settle(world: World): Promise<void> {
  const { scheduler, oracle } = world;
  const waiting = () => oracle.calls.filter((call) => call.settledAt === undefined && call.context.alive);
  const paused = Math.max(0, ...oracle.calls.map((call) => call.context.pausedUntil));
  const longest = Math.max(...Object.values(bounds)) + 60_000;
  await scheduler.run(Math.max(scheduler.now, paused) + longest, () => waiting().length === 0);
  if (isCalm(world)) for (const call of oracle.calls) calm(world, call);
  for (const call of waiting())
    oracle.violate(`call ${call.id} (${call.kind}) of context ${call.context.index} never settles`);
}

function isCalm({ settings }: World): boolean {
  const { rates, upheavals, store, life, skewMs, readOnly } = settings;
  const faultless = Object.keys(rates).length === 0 && upheavals.length === 0;
  return faultless && store !== 'text' && readOnly < 0 && life >= 30 && skewMs <= 1_000;
}

/** Where nothing was broken, nobody signed in or out, and the caller stayed, every call succeeds. */
function calm({ oracle, settings }: World, call: Call): void {
  if (typeof call.began !== 'number' || call.abortedAt !== undefined || oracle.lives.disturbed(call)) return;
  // Whether a step-up is granted is up to the user.
  if (call.refuses || call.kind === 'step-up') return;
  // Whoever steps up has the turn for up to five seconds.
  const hasTurns = isShared(settings) || settings.more;
  if (call.kind === 'derived' && hasTurns && call.result === 'refresh-unavailable') return;
  // Without a watch nobody tells a context that its sign-in has ended elsewhere.
  if (!settings.watch && call.result === '401' && oracle.lives.wasEnded(call.began)) return;
  const expected = call.kind === 'fetch' ? '200' : 'done';
  if (call.result !== expected)
    oracle.violate(`call ${call.id} (${call.kind}) ended with ${call.result}, and nothing was wrong`);
}

/** Once cooldowns are over, whoever holds the tokens that the store holds must be able to work. */
async function probe(world: World, actors: Actors): Promise<void> {
  const { scheduler, place, oracle, random } = world;
  world.log(() => 'everything is well again');
  // What was slow arrives before the silence that is listened to.
  await scheduler.run(scheduler.now + 100_000);
  const before = oracle.loads;
  await scheduler.run(scheduler.now + untilCalm);
  const loads = oracle.loads - before;
  if (loads > 50) oracle.violate(`the store was loaded ${loads} times, and nothing happened`);
  place.channel.tell();
  await scheduler.run(scheduler.now + 20_000);
  agree(world, actors);
  // One at a time: a context whose writes failed learns first what the others did.
  for (const context of actors.contexts) {
    if (!context.alive) continue;
    const able = works(world, context);
    const before = oracle.calls.length;
    scheduler.at(random.int(5), context.index, () => actors.fetch(context, true));
    await scheduler.run(scheduler.now + 60_000);
    const call = oracle.calls[before];
    if (!call) continue;
    if (call.settledAt === undefined)
      oracle.violate(`the last call of context ${context.index} never settles`);
    // A service whose own tokens could not be saved is no longer the sign-in that another context has stored.
    else if (able && call.result !== '200' && !(world.settings.service && isOtherService(world, call))) {
      oracle.violate(
        `context ${context.index} is signed in, nothing is wrong, and its call ended with ${call.result}`,
      );
    }
  }
}

/** After a failover each process of a service may have tokens of its own until it learns of the others'. */
function isOtherService({ place }: World, { result }: Call): boolean {
  return result === 'signed-out' || place.failedOverAt >= 0;
}

/** Who was told that the record changed shows what it says. */
function agree({ settings, place, provider, oracle }: World, actors: Actors): void {
  if (!settings.watch || settings.store === 'text' || settings.service) return;
  const { record } = place;
  const family = record && oracle.records.familyOfId(record.id);
  if (family === undefined || provider.families[family - 1]?.dead) return;
  // Who knows that its refresh token is dead shows nobody.
  if (record?.tokens && record.tokens.refreshToken !== provider.families[family - 1]?.current) return;
  const expected = record?.ended ? 'nobody' : family;
  for (const context of actors.contexts) {
    if (!context.alive || context.index === settings.degraded) continue;
    if (context.shown === 'loading' || context.shown === expected) continue;
    if (context.shown === 'nobody') {
      // What ended here is not taken again; after a failover who knows of an end takes nothing of a lower revision.
      const hasLost =
        place.failedOverAt >= 0 && oracle.reuses.knownEnd(context.index) >= (record?.revision ?? 0);
      if (hasLost || oracle.lives.isOver(context.index, family)) continue;
    }
    oracle.violate(`context ${context.index} shows ${context.shown}, and the store holds ${expected}`);
  }
}

/** Nothing is under way any more. */
function leftBehind({ place, oracle }: World, actors: Actors): void {
  const alive = actors.contexts.filter((context) => context.alive);
  for (const context of alive) {
    if (context.session.getSnapshot().refreshing)
      oracle.violate(`context ${context.index} refreshes for ever`);
  }
  if (place.turns.holder) oracle.violate(`context ${place.turns.holder.context} keeps its turn for ever`);
  if (alive.length === actors.contexts.length && place.channel.watchers > 0)
    oracle.violate('a closed session still watches');
}

function works({ placeOf, provider, settings }: World, context: Context): boolean {
  const { record } = placeOf(context.index);
  const family = provider.familyOf(record?.tokens?.accessToken);
  if (!record || record.ended || !family || family.dead) return false;
  if (!settings.service && record.tokens?.refreshToken !== family.current) return false;
  // Tokens that have run out when they arrive can be refused for good.
  // A service that could not save its tokens may hold others than the store's, of the same family.
  const unsaved = Object.keys(settings.rates).some((fault) => fault.startsWith('save'));
  if (settings.service && unsaved) return false;
  // Two contexts of a text store that write at once can take back what the other has written.
  if (settings.store === 'text') return false;
  // By a clock that jumped a cooldown may begin long after the failure.
  if (settings.upheavals.includes('clockJump')) return false;
  // Tokens that run out sooner than their owner knows are taken for refused too early.
  if (settings.life < (settings.lifeIsTold ? 2 : 60) || settings.readOnly === context.index) return false;
  return context.shown === family.number;
}
