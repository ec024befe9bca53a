import { expect } from 'vitest';
import { CYCLES, type FleetReport } from './fleet.js';

/** Holds whatever the machine's load is. */
export function expectOneSession(report: FleetReport): void {
  console.log(JSON.stringify(report));
  expect(report.unexplained).toEqual([]);
  const { byKill, byPause, byLapse, aftermath, reuses } = report;
  expect(byKill + byPause + byLapse + aftermath).toBe(reuses);
  expect(report.startedLate).toBe(0);
  expect(report.refreshes).toBeGreaterThanOrEqual(CYCLES);
  expect(report.killed).toBeGreaterThanOrEqual(CYCLES / 200);
  expect(report.stopped).toBeGreaterThanOrEqual(CYCLES / 200);
  // A lease and a poll, on a machine that keeps up; on any, a session's limits: 3 s for a load, 8 s for a turn.
  expect(report.longestWaitMs).toBeLessThan(12_000);
  expect(report.unreadable).toBe(0);
  const expected = ['RefreshRejectedError', 'RefreshUnavailableError', 'SignedOutError'];
  expect(Object.keys(report.failures).filter((name) => !expected.includes(name))).toEqual([]);
}
