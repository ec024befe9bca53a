import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Profile } from './engine.ts';

/** The process that runs the page: the one that is busy when it is. */
export async function processOf(page: Page, profile: Profile): Promise<number> {
  const before = new Map(profile.renderers().map((pid) => [pid, ticksOf(pid)]));
  await page.evaluate(() => {
    const until = performance.now() + 500;
    while (performance.now() < until);
  });
  const spent = [...before].map(([pid, ticks]) => ({ pid, ticks: ticksOf(pid) - ticks }));
  spent.sort((a, b) => b.ticks - a.ticks);
  return spent[0]?.pid as number;
}

/** The processor time that it has used. */
function ticksOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
