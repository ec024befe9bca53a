import { describe, expect, it } from 'vitest';
import type { Mutation, Settings, Shared } from './faults.js';
import type { Random } from './random.js';
import { runSchedule } from './run.js';
import { drawSharedSettings } from './shared-settings.js';

// SHARED_SEED=394 SHARED_SCHEDULES=1 runs one schedule again; SHARED_SCHEDULES=10000 npm run test:shared runs more.
const first = Number(process.env['SHARED_SEED'] ?? 1);
const count = Number(process.env['SHARED_SCHEDULES'] ?? 1_000);
const shownLines = count === 1 ? Number.POSITIVE_INFINITY : 300;

describe('sessions over a shared store, simulated', () => {
  it(`keep the invariants in ${count} schedules from SHARED_SEED=${first}`, {
    timeout: 1_800_000,
  }, async () => {
    console.info(`SHARED_SEED=${first} SHARED_SCHEDULES=${count}`);
    const stores: Record<string, number> = {};
    const reuses: Record<string, number> = {};
    for (let seed = first; seed < first + count; seed++) {
      const { violations, settings, world } = await runSchedule(seed, false, drawSharedSettings);
      stores[settings.store] = (stores[settings.store] ?? 0) + 1;
      for (const [why, times] of world.oracle.reuses.counts) reuses[why] = (reuses[why] ?? 0) + times;
      if (violations.length === 0) continue;
      const { log } = await runSchedule(seed, true, drawSharedSettings);
      const lines = ['', JSON.stringify(settings), ...log.slice(-shownLines), '', ...violations];
      expect.fail(`SHARED_SEED=${seed} SHARED_SCHEDULES=1 reproduces:${lines.join('\n')}`);
    }
    console.info(`schedules: ${JSON.stringify(stores)}, reuses explained: ${JSON.stringify(reuses)}`);
  });

  it('runs the same schedule from the same seed', async () => {
    for (let seed = first; seed < first + 5; seed++) {
      const { log } = await runSchedule(seed, true, drawSharedSettings);
      expect((await runSchedule(seed, true, drawSharedSettings)).log).toEqual(log);
      expect(log.length).toBeGreaterThan(10);
    }
  });
});

/** Schedules in which nothing but what is named goes wrong, and a refresh token is posted often. */
function only(store: Shared, about: Partial<Settings>): (random: Random) => Settings {
  return (random) => ({
    ...drawSharedSettings(random),
    store,
    strict: true,
    service: false,
    seeded: true,
    users: false,
    more: false,
    life: 5,
    lifeIsTold: true,
    leaseMs: 5_000,
    skewMs: 0,
    rates: {},
    upheavals: [],
    ...about,
  });
}

async function violationsOf(draw: (random: Random) => Settings): Promise<readonly string[]> {
  const found: string[] = [];
  for (let seed = 1; seed <= 40; seed++) found.push(...(await runSchedule(seed, false, draw)).violations);
  return found;
}

describe('the oracle of shared stores', () => {
  const slow = { rotationIsSlow: 0.3 };
  const stopped: Partial<Settings> = { rates: { strikes: 0.1 }, upheavals: ['pause'] };

  it.each<[string, Mutation, Shared, Partial<Settings>, RegExp]>([
    [
      'a store that saves over any revision',
      'save-over-any-revision',
      'server',
      { users: true },
      /revision|back over/,
    ],
    ['a lease that is not renewed', 'lease-unrenewed', 'server', { rates: slow }, /nothing explains it/],
    ['a signal that nobody hears', 'signal-unheard', 'server', stopped, /posts after the signal/],
    ['a file whose holder does not hear', 'signal-unheard', 'file', stopped, /posts after the signal/],
  ])('sees %s', { timeout: 300_000 }, async (_, mutation, store, about, told) => {
    expect(await violationsOf(only(store, about))).toEqual([]);
    const violations = await violationsOf(only(store, { ...about, mutation }));
    expect(violations.filter((violation) => told.test(violation))).not.toEqual([]);
  });
});
