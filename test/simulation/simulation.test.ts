import { describe, expect, it } from 'vitest';
import { runSchedule } from './run.js';

// SIM_SEED=394 SIM_SCHEDULES=1 runs one schedule again; SIM_SEED=$RANDOM SIM_SCHEDULES=20000 looks at new ones.
const first = Number(process.env['SIM_SEED'] ?? 1);
const count = Number(process.env['SIM_SCHEDULES'] ?? 2_000);
const shownLines = count === 1 ? Number.POSITIVE_INFINITY : 300;

describe('createSession and createAuthFetch, simulated', () => {
  it(`keep the invariants in ${count} schedules from SIM_SEED=${first}`, { timeout: 600_000 }, async () => {
    console.info(`SIM_SEED=${first} SIM_SCHEDULES=${count}`);
    for (let seed = first; seed < first + count; seed++) {
      const { violations } = await runSchedule(seed);
      if (violations.length === 0) continue;
      const { log, settings } = await runSchedule(seed, true);
      const lines = ['', JSON.stringify(settings), ...log.slice(-shownLines), '', ...violations];
      expect.fail(`SIM_SEED=${seed} SIM_SCHEDULES=1 reproduces:${lines.join('\n')}`);
    }
  });

  it('runs the same schedule from the same seed', async () => {
    for (let seed = first; seed < first + 5; seed++) {
      const { log } = await runSchedule(seed, true);
      expect((await runSchedule(seed, true)).log).toEqual(log);
      expect(log.length).toBeGreaterThan(10);
    }
  });
});
