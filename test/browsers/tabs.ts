import type { BrowserContext, Page } from 'playwright-core';

/** A tab, and whether the test has ended it: what it says then counts no more. */
export interface Tab {
  readonly name: string;
  readonly page: Page;
  isOver: boolean;
}

let opened = 0;

export async function openTab(context: BrowserContext, origin: string, work = true): Promise<Tab> {
  const name = `tab-${++opened}`;
  const page = await context.newPage();
  const tab: Tab = { name, page, isOver: false };
  page.on('crash', () => {
    tab.isOver = true;
  });
  page.on('close', () => {
    tab.isOver = true;
  });
  await page.goto(`${origin}/app?tab=${name}${work ? '&work' : ''}`);
  return tab;
}

/** Answers in time: its process is there. */
export async function isAlive({ page }: Tab, patienceMs = 2_000): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  const answer = page.evaluate(() => true).catch(() => false);
  const alive = await Promise.race([answer, late]);
  clearTimeout(timer);
  return alive;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
