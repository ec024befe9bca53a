import { describe, expect, it } from 'vitest';
import type { Outcome } from './run.js';
import { runSchedule } from './run.js';
import { drawSharedSettings } from './shared-settings.js';

// SHARED_SEED=394 SHARED_SCHEDULES=1 runs one schedule again; `npm run test:shared` runs 10,000.
const first = Number(process.env['SHARED_SEED'] ?? 1);
const count = Number(process.env['SHARED_SCHEDULES'] ?? 1_500);
const shownLines = count === 1 ? Number.POSITIVE_INFINITY : 300;

function failed({ seed, violations, log, settings }: Outcome): never {
  const lines = ['', JSON.stringify(settings), ...log.slice(-shownLines), '', ...violations];
  expect.fail(`SHARED_SEED=${seed} SHARED_SCHEDULES=1 reproduces:${lines.join('\n')}`);
}

describe('sessions over a shared store, simulated', () => {
  it(`keep the invariants in ${count} schedules from SHARED_SEED=${first}`, {
    timeout: 1_200_000,
  }, async () => {
    console.info(`SHARED_SEED=${first} SHARED_SCHEDULES=${count}`);
    const reasons: Record<string, number> = {};
    for (let seed = first; seed < first + count; seed++) {
      const { violations, world } = await runSchedule(seed, false, drawSharedSettings);
      for (const [reason, times] of world.oracle.reuses.counts)
        reasons[reason] = (reasons[reason] ?? 0) + times;
      if (violations.length > 0) failed(await runSchedule(seed, true, drawSharedSettings));
    }
    console.info(`reuses explained: ${JSON.stringify(reasons)}`);
  });
});
