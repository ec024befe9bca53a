import type { Fault, Settings, Shared, Upheaval } from './faults.js';
import type { Random } from './random.js';

const groups = {
  load: ['loadFails', 'loadHangs', 'loadIsSlow'],
  save: ['saveFails', 'saveAnswerIsLost', 'saveHangs', 'saveIsSlow', 'saveLandsLate'],
  lease: ['leaseFails', 'leaseAnswerIsLost', 'leaseIsSlow'],
  locks: ['turnFails'],
  lost: ['rotationIsLost', 'rotationHangs', 'rotationIsSlow'],
  down: ['providerIsDown', 'providerHangs', 'providerIsUnreachable'],
  resource: ['resourceIsDown', 'resourceRefuses'],
  channel: ['noticeIsLost', 'noticeIsLate', 'noticeIsRepeated', 'channelBreaks'],
} as const satisfies Record<string, readonly Fault[]>;

const upheavals: Readonly<Record<Shared, readonly Upheaval[]>> = {
  server: ['kill', 'pause', 'storeDown', 'providerDown', 'refuseAll', 'clockJump', 'failover', 'vanish'],
  web: ['kill', 'pause', 'providerDown', 'refuseAll', 'vanish'],
  file: ['kill', 'pause', 'storeDown', 'providerDown', 'refuseAll'],
};

/** What happens to contexts that share a store as Redis, a browser or a file system makes it. */
export function drawSharedSettings(random: Random): Settings {
  const store = random.pick(['server', 'server', 'web', 'file'] as const);
  const rates: Partial<Record<Fault, number>> = {};
  const drawn: Upheaval[] = [];
  if (!random.chance(0.08)) {
    for (const faults of Object.values(groups)) {
      if (!random.chance(0.25)) continue;
      const rate = random.pick([0.02, 0.05, 0.1, 0.3]);
      for (const fault of faults) if (random.chance(0.6)) rates[fault] = rate * (0.3 + 0.7 * random.next());
    }
    for (const upheaval of upheavals[store]) if (random.chance(0.3)) drawn.push(upheaval);
    if (random.chance(0.6)) rates.strikes = random.pick([0.005, 0.02, 0.05]);
  }
  const service = random.chance(0.08);
  return {
    contexts: 2 + random.int(3),
    actions: 12 + random.int(24),
    store,
    leaseMs: random.pick([5_000, 10_000, 30_000]),
    synchronous: false,
    watch: random.chance(0.8),
    readOnly: -1,
    degraded: store === 'web' && random.chance(0.2) ? 0 : -1,
    life: random.pick([2, 5, 12, 30, 60, 300]),
    lifeIsTold: random.chance(0.75),
    strict: random.chance(0.85),
    // The tabs of one browser, and the processes of one machine, have one clock.
    skewMs: store === 'server' ? random.pick([0, 0, 1_000, 30_000, 400_000]) : 0,
    service,
    seeded: random.chance(0.85),
    users: random.chance(0.4),
    more: random.chance(0.35),
    rates,
    upheavals: drawn,
  };
}
