import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeBrowser, describeBrowsers, launch, type Profile } from './engine.ts';
import type { Look, Place } from './page/place.ts';
import { processOf } from './processes.ts';
import { type Site, startSite } from './site.ts';
import { sleep } from './tabs.ts';

type Global = { place: Place };

let site: Site;
beforeAll(async () => {
  site = await startSite(['place']);
});
afterAll(() => site.stop());

/** A page of a place of its own. */
async function openPlace({ context }: Profile, name: string, origin = site.origin): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}/place?${name}`);
  return page;
}
const look = (page: Pick<Page, 'evaluate'>): Promise<Look> =>
  page.evaluate(() => (globalThis as unknown as Global).place.look());
const signIn = async (page: Pick<Page, 'evaluate'>) => {
  await page.evaluate(async () => void (await (globalThis as unknown as Global).place.signIn()));
};

const refresh = (page: Pick<Page, 'evaluate'>) =>
  page.evaluate(async () => void (await (globalThis as unknown as Global).place.session.refresh()));

async function survivesReload(browser: Profile): Promise<void> {
  const page = await openPlace(browser, 'reload');
  await signIn(page);
  await refresh(await openPlace(browser, 'reload'));
  await page.reload();
  const seen = { status: 'signed-in', accessToken: 'at-2', degraded: [], refreshes: 0 };
  expect(await look(page)).toEqual(seen);
}

describeBrowsers('webStore', (engine) => {
  let browser: Profile;
  beforeAll(async () => {
    browser = await launch(engine);
  });
  afterAll(() => browser.close());

  it('keeps the session over a reload', async () => {
    await survivesReload(browser);
    expect(browser.databases().length).toBeGreaterThan(0);
  });

  it('keeps it over a reload in a private window, as long as that is open', async () => {
    const incognito = await launch(engine, { private: true });
    try {
      await survivesReload(incognito);
      expect(incognito.databases()).toEqual([]);
    } finally {
      await incognito.close();
    }
  });

  it('is in memory where storage is disabled, and says so: a sandboxed frame', async () => {
    const page = await browser.context.newPage();
    await page.goto(`${site.origin}/nothing`);
    await page.evaluate(() => {
      const frame = document.createElement('iframe');
      frame.setAttribute('sandbox', 'allow-scripts');
      frame.src = '/place?sandbox';
      document.body.append(frame);
    });
    const framed = () => page.frames().find((of) => of.url().endsWith('/place?sandbox'));
    await expect.poll(() => framed() !== undefined, { timeout: 20_000 }).toBe(true);
    const frame = framed() as NonNullable<ReturnType<typeof framed>>;
    await frame.waitForFunction(() => 'place' in globalThis);
    expect(await look(frame)).toMatchObject({ status: 'signed-out', degraded: ['memory-only'] });
    await signIn(frame);
    await refresh(frame);
    expect(await look(frame)).toEqual({
      status: 'signed-in',
      accessToken: 'at-2',
      degraded: ['memory-only'],
      refreshes: 1,
    });
  });

  it('shares the session with a worker and a service worker', async () => {
    const page = await openPlace(browser, 'workers');
    await signIn(page);
    const told = await page.evaluate(async () => {
      const worker = new Worker('/place.js?workers');
      const ask = (of: { postMessage(data: unknown, ports: Transferable[]): void }, what: string) =>
        new Promise<Look>((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data }) => resolve(data);
          of.postMessage(what, [port2]);
        });
      const before = await ask(worker, 'look');
      const renewed = await ask(worker, 'refresh');
      await navigator.serviceWorker.register('/place.js?workers');
      const { active } = await navigator.serviceWorker.ready;
      const inService = await ask(active as ServiceWorker, 'refresh');
      const { place } = globalThis as unknown as Global;
      const here = await place.session.token();
      await ask(active as ServiceWorker, 'signOut');
      for (let i = 0; i < 100 && place.session.getSnapshot().status === 'signed-in'; i++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      return { before, renewed, inService, here, after: place.session.getSnapshot() };
    });
    expect(told.before).toMatchObject({ status: 'signed-in', accessToken: 'at-1', degraded: [] });
    expect(told.renewed).toMatchObject({ accessToken: 'at-2', refreshes: 1 });
    expect(told.inService).toMatchObject({ accessToken: 'at-3', refreshes: 1 });
    expect(told.after).toMatchObject({ status: 'signed-out', cause: 'elsewhere' });
  });

  it('goes on when the site’s data is cleared under it: the tab that is open puts the session back', async () => {
    const page = await openPlace(browser, 'cleared');
    await signIn(page);
    const blocked = await page.evaluate(
      () =>
        new Promise<boolean>((resolve) => {
          const deleting = indexedDB.deleteDatabase('latchkey:place?cleared');
          deleting.onsuccess = () => resolve(false);
          deleting.onblocked = () => resolve(true);
        }),
    );
    expect(blocked).toBe(false);
    await refresh(page);
    await page.reload();
    expect(await look(page)).toMatchObject({ status: 'signed-in', accessToken: 'at-2' });
  });

  it('takes the turn of a tab whose process is stopped, once its stamp is overdue; that is told when it wakes', async () => {
    const frozen = await openPlace(browser, 'frozen');
    const pid = await processOf(frozen, browser);
    let awake = await openPlace(browser, 'frozen');
    for (let tries = 0; (await processOf(awake, browser)) === pid && tries < 8; tries++)
      awake = await openPlace(browser, 'frozen');
    await frozen.evaluate(async () => {
      const global = globalThis as unknown as Global & { held: ReturnType<Place['hold']> };
      const { store } = global.place;
      const holderUntil = Date.now() + 1_500;
      await store.save({ id: 'alice', revision: 1, generation: 1, boundTo: '', holderUntil }, 0);
      global.held = global.place.hold();
    });
    await frozen.waitForFunction(() => (globalThis as unknown as { held: { begun: boolean } }).held.begun);
    process.kill(pid, 'SIGSTOP');
    let waited: { ms: number; revision: number | undefined };
    try {
      waited = await awake.evaluate(async () => {
        const { store } = (globalThis as unknown as Global).place;
        const began = performance.now();
        return store.turn(async () => ({
          ms: performance.now() - began,
          revision: (await store.load())?.revision,
        }));
      });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    console.info(`${engine.name}: the turn of a stopped tab was taken over after ${waited.ms.toFixed(0)} ms`);
    expect(waited.ms).toBeGreaterThan(1_000);
    expect(waited).toMatchObject({ revision: 2 });
    await frozen.waitForFunction(() => (globalThis as unknown as { held: { lost: boolean } }).held.lost);
    const late = await frozen.evaluate(() =>
      (globalThis as unknown as Global).place.store.save(
        { id: 'alice', revision: 2, generation: 2, boundTo: '' },
        1,
      ),
    );
    expect(late).toBe(false);
  });

  /** A page that was left for another one, after `act` is back again: what it knows, and whether it was kept. */
  async function awayAndBack(page: Page, act: () => Promise<unknown>) {
    await page.evaluate(() => {
      addEventListener('pageshow', ({ persisted }) => {
        Object.assign(globalThis, { persisted });
      });
    });
    await page.goto(`${site.origin}/nothing`);
    await act();
    await page.evaluate(() => history.back()).catch(() => {});
    return () =>
      page
        .evaluate(async () => {
          const { place, persisted } = globalThis as unknown as Global & { persisted?: boolean };
          return { persisted, ...(await place.look()), snapshot: place.session.getSnapshot() };
        })
        .catch(() => undefined);
  }

  it('keeps no page out of the back/forward cache, and one that comes back knows what happened meanwhile', async () => {
    const page = await openPlace(browser, 'away');
    await signIn(page);
    await look(page);
    const back = await awayAndBack(page, async () => {
      const other = await openPlace(browser, 'away');
      await other.evaluate(
        async () => void (await (globalThis as unknown as Global).place.session.signOut()),
      );
    });
    const restored = { persisted: true, snapshot: { status: 'signed-out', cause: 'elsewhere' } };
    await expect.poll(back, { timeout: 20_000 }).toMatchObject(restored);
  });

  it('refreshes a token that is due when its page comes back, before a request asks for it', async () => {
    const page = await openPlace(browser, 'due');
    await page.evaluate(async () => {
      const { session } = (globalThis as unknown as Global).place;
      await session.signIn({ accessToken: 'at-1', refreshToken: 'rt-1', expiresIn: 1 });
    });
    await awayAndBack(page, () => sleep(1_100));
    const renewed = () =>
      page
        .evaluate(() => {
          const { place, persisted } = globalThis as unknown as Global & { persisted?: boolean };
          const snapshot = place.session.getSnapshot();
          return { persisted, left: 'expiresAt' in snapshot ? (snapshot.expiresAt ?? 0) - Date.now() : 0 };
        })
        .catch(() => undefined);
    const good = { persisted: true, left: expect.closeTo(300_000, -5) };
    await expect.poll(renewed, { timeout: 20_000 }).toMatchObject(good);
    expect(await look(page)).toMatchObject({ accessToken: 'at-2', refreshes: 1 });
  });
});

describeBrowser('chromium', 'webStore', (engine) => {
  it('is in memory on a page over plain http, which has no Web Locks', async () => {
    const browser = await launch(engine, { args: ['--host-resolver-rules=MAP plain.test 127.0.0.1'] });
    try {
      const origin = site.origin.replace('127.0.0.1', 'plain.test');
      const page = await openPlace(browser, 'plain', origin);
      expect(await page.evaluate(() => isSecureContext)).toBe(false);
      await signIn(page);
      expect(await look(page)).toMatchObject({ status: 'signed-in', degraded: ['memory-only'] });
      const other = await openPlace(browser, 'plain', origin);
      expect(await look(other)).toMatchObject({ status: 'signed-out' });
    } finally {
      await browser.close();
    }
  });
});
