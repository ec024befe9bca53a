import { expect } from 'vitest';
import { createRandom } from '../simulation/random.ts';
import { type ReferenceProvider, startProvider } from '../support/oidc/index.ts';
import { type Engine, launch, type Profile } from './engine.ts';
import type { App } from './page/app.ts';
import { type Report, type Site, startSite, type TokenRequest, toProvider } from './site.ts';
import { isAlive, openTab, sleep, type Tab } from './tabs.ts';

const TABS = 8;
/** What the provider says that a token lives; it takes tokens for longer, because one may be stopped while it is sent. */
const LIFE_S = 1;
const LEEWAY_S = 4;
/** From here on a refresh is due: the last fifth of the life. */
const DUE_MS = LIFE_S * 1_000 * 0.8;
/** As coarse as browsers' clocks may be. */
const CLOCK_MS = 20;

/** A tab was alive until `from`, and was dead at `to`. */
interface End {
  readonly from: number;
  readonly to: number;
}

/** What was done to the tabs. */
interface Done {
  crashed: number;
  closed: number;
  reloaded: number;
  frozen: number;
  signedIn: number;
  readonly ends: Map<string, End>;
}

/** Tabs of one profile that call their API, opened, closed, reloaded, frozen and crashed at random, for so many refreshes. */
export async function manyTabs(engine: Engine, cycles: number, seed: number): Promise<void> {
  const random = createRandom(seed);
  const idp = await startProvider({ accessTokenTtl: LIFE_S + LEEWAY_S });
  const site = await startSite(['app']);
  site.token = toProvider(idp, LIFE_S);
  site.userOf = async (token) => (await idp.provider.AccessToken.find(token))?.accountId;
  const profile = await launch(engine);
  const open = () => openTab(profile.context, site.origin);
  const done: Done = { crashed: 0, closed: 0, reloaded: 0, frozen: 0, signedIn: 0, ends: new Map() };
  const refreshed = () => site.tokenRequests.filter(({ status }) => status === 200).length;
  const began = Date.now();
  const limit = began + 30_000 + cycles * 2_000;
  try {
    const first = await openTab(profile.context, site.origin, false);
    await signIn([first], idp, done);
    let tabs = await Promise.all(Array.from({ length: TABS }, open));
    await first.page.close();
    while (refreshed() < cycles && Date.now() < limit) {
      await sleep(100 + random.int(700));
      if (idp.counts.familiesRevoked >= done.signedIn) await signIn(tabs, idp, done);
      const tab = tabs[random.int(tabs.length)] as Tab;
      const pick = (n: number) => random.int(n);
      const from = Date.now();
      switch (random.weighted({ nothing: 10, crash: 2, close: 1, reload: 1, freeze: 3 })) {
        case 'crash':
          await crash(engine, tab, tabs, profile, pick);
          done.crashed += tabs.filter(({ isOver }) => isOver).length;
          break;
        case 'close':
          done.closed++;
          tab.isOver = true;
          await tab.page.close();
          done.ends.set(tab.name, { from, to: Date.now() });
          break;
        case 'reload':
          done.reloaded++;
          tab.isOver = true;
          done.ends.set(tab.name, { from, to: Number.POSITIVE_INFINITY });
          tabs.push(await reopen(tab, site.origin));
          done.ends.set(tab.name, { from, to: Date.now() });
          break;
        case 'freeze':
          done.frozen++;
          await freeze(profile, 100 + random.int(900), pick);
          break;
        case 'nothing':
      }
      const over = tabs.filter(({ isOver }) => isOver);
      for (const { name } of over) if (!done.ends.has(name)) done.ends.set(name, { from, to: Date.now() });
      tabs = tabs.filter(({ isOver }) => !isOver);
      while (tabs.length < TABS) tabs.push(await open());
    }
    const ms = Date.now() - began;
    const tallies = await Promise.all(
      tabs.map(({ page }) => page.evaluate(() => (globalThis as unknown as { app: App }).app.tally)),
    );
    judge(site, idp, done, { engine, cycles, ms, longestMs: Math.max(...tallies.map((of) => of.longestMs)) });
  } finally {
    await profile.close();
    await site.stop();
    await idp.stop();
  }
}

async function signIn(tabs: readonly Tab[], idp: ReferenceProvider, done: Done): Promise<void> {
  const tokens = { ...(await idp.signIn()), expires_in: LIFE_S };
  const tab = tabs.find(({ isOver }) => !isOver) as Tab;
  await tab.page.evaluate(
    (tokens) => (globalThis as unknown as { app: App }).app.session.signIn(tokens),
    tokens,
  );
  done.signedIn++;
}

/** The same page, loaded anew: another tab to those who count. */
async function reopen({ page }: Tab, origin: string): Promise<Tab> {
  const name = `reloaded-${Date.now()}`;
  const tab: Tab = { name, page, isOver: false };
  page.on('crash', () => {
    tab.isOver = true;
  });
  page.on('close', () => {
    tab.isOver = true;
  });
  await page.goto(`${origin}/app?tab=${name}&work`);
  return tab;
}

/** Ends a process without a word, and with it all its tabs. */
async function crash(
  engine: Engine,
  tab: Tab,
  tabs: readonly Tab[],
  profile: Profile,
  pick: (n: number) => number,
): Promise<void> {
  if (engine.name === 'chromium') {
    const devtools = await profile.context.newCDPSession(tab.page);
    const gone = new Promise((resolve) => tab.page.once('crash', resolve));
    devtools.send('Page.crash').catch(() => {});
    await gone;
  } else {
    const processes = profile.renderers();
    signal(processes[pick(processes.length)] as number, 'SIGKILL');
    const alive = await Promise.all(tabs.map((of) => isAlive(of)));
    for (const [i, of] of tabs.entries()) of.isOver ||= !alive[i];
  }
  const dead = tabs.filter(({ isOver }) => isOver);
  await Promise.all(dead.map(({ page }) => page.close().catch(() => {})));
}

/** Stops a process for a while, with whatever it holds. */
async function freeze(profile: Profile, ms: number, pick: (n: number) => number): Promise<void> {
  const processes = profile.renderers();
  const pid = processes[pick(processes.length)] as number;
  signal(pid, 'SIGSTOP');
  await sleep(ms);
  signal(pid, 'SIGCONT');
}

/** A process may have ended since it was listed. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // nobody is there
  }
}

function judge(
  site: Site,
  idp: ReferenceProvider,
  done: Done,
  run: { engine: Engine; cycles: number; ms: number; longestMs: number },
): void {
  const { tokenRequests, apiRequests, reports } = site;
  const refreshes = tokenRequests.filter(({ status }) => status === 200);
  const reuses = reusesIn(tokenRequests);
  const failed = reports.filter(({ by }) => !done.ends.has(by));
  const refused = apiRequests.filter(({ status, by }) => status === 401 && !done.ends.has(by));
  const revoked = idp.counts.familiesRevoked;
  const expiries = new Set(tokenRequests.map(({ token }) => token)).size;
  console.info(
    `${run.engine.name}: ${tokenRequests.length} token requests for ${expiries} expiries, ` +
      `${apiRequests.length} calls, ${failed.length} failed, ${refused.length} refused, ${revoked} families revoked, ` +
      `in ${run.ms} ms; ${done.crashed} tabs crashed, ${done.closed} closed, ` +
      `${done.reloaded} reloaded, ${done.frozen} processes stopped; longest call ${run.longestMs.toFixed(0)} ms`,
  );
  for (const { first } of reuses) {
    const { from = 0, to = 0 } = done.ends.get(first.by) ?? {};
    console.info(
      `a refresh token came twice: ${first.by} sent it first, was answered after ${first.at - first.from} ms, and died ` +
        `${from - first.from} to ${to - first.from} ms after it had begun`,
    );
  }
  for (const { by, what } of failed.slice(0, 5)) console.info(`${by}: ${what}`);
  expect(early(refreshes)).toEqual([]);
  expect(reuses.filter((reuse) => !isExplained(reuse, site, done.ends))).toEqual([]);
  expect(tokenRequests.length).toBe(expiries + reuses.length);
  expect(revoked).toBeLessThanOrEqual(reuses.length);
  expect(failed.filter((report: Report) => !(revoked > 0 && report.signInRequired))).toEqual([]);
  if (revoked === 0) expect(refused).toEqual([]);
  expect(refreshes.length).toBeGreaterThanOrEqual(run.cycles);
  for (const times of [done.crashed, done.closed, done.reloaded, done.frozen])
    expect(times).toBeGreaterThan(0);
}

/** Refreshes of a token that was not due yet. */
function early(refreshes: readonly TokenRequest[]): TokenRequest[] {
  return refreshes.filter(({ from }, i) => {
    const before = refreshes[i - 1];
    return before !== undefined && from < before.at + DUE_MS - CLOCK_MS;
  });
}

interface Reuse {
  readonly first: TokenRequest;
  readonly again: TokenRequest;
}

/** Refresh tokens that came again after they had been answered for. */
function reusesIn(requests: readonly TokenRequest[]): Reuse[] {
  const spent = new Map<string, TokenRequest>();
  return requests.flatMap((again) => {
    const first = spent.get(again.token);
    if (first) return [{ first, again }];
    spent.set(again.token, again);
    return [];
  });
}

/** Who spent it first died, and what that brought was saved nowhere: nobody has ever used it. */
function isExplained({ first }: Reuse, { tokenRequests, apiRequests }: Site, ends: Done['ends']): boolean {
  const end = ends.get(first.by);
  if (!end || end.to < first.from) return false;
  if (tokenRequests.some(({ by, from }) => by === first.by && from > first.at)) return false;
  return first.brought !== undefined && !apiRequests.some(({ token }) => token === first.brought);
}
