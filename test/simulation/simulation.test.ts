import { describe, expect, it } from 'vitest';
import { runSchedule } from './run.js';

const first = Number(process.env['SIM_SEED'] ?? 1);
const count = Number(process.env['SIM_SCHEDULES'] ?? 2_000);

describe('createSession and createAuthFetch, simulated', () => {
  it(`keep the invariants in ${count} schedules from SIM_SEED=${first}`, { timeout: 600_000 }, async () => {
    console.info(`SIM_SEED=${first} SIM_SCHEDULES=${count}`);
    for (let seed = first; seed < first + count; seed++) {
      const { violations } = await runSchedule(seed);
      if (violations.length === 0) continue;
      const { log, settings } = await runSchedule(seed, true);
      const text = [`SIM_SEED=${seed} SIM_SCHEDULES=1`, JSON.stringify(settings), ...log, ...violations].join(
        '\n',
      );
      expect.fail(text);
    }
  });
});
