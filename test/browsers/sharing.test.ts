import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRandom } from '../simulation/random.ts';
import { describeBrowsers, launch, type Profile } from './engine.ts';
import type { App } from './page/app.ts';
import { type Site, startSite } from './site.ts';
import { openTab, sleep, type Tab } from './tabs.ts';

type Global = { app: App };

const issued = (user: string, n: number, lifeS = 300) => ({
  access_token: `${user}-at-${n}`,
  refresh_token: `${user}-rt-${n}`,
  token_type: 'Bearer',
  expires_in: lifeS,
  user,
});

describeBrowsers('webStore', (engine) => {
  let site: Site;
  let profile: Profile;
  /** Opens for every token request. */
  let gate = Promise.resolve();
  let lifeS = 300;
  beforeAll(async () => {
    site = await startSite(['app']);
    profile = await launch(engine);
    site.userOf = async (token) => /^(\w+)-at-\d+$/.exec(token)?.[1];
    let n = 1;
    site.token = async (_, body) => {
      await gate;
      const [, user = ''] = /^(\w+)-rt-/.exec(new URLSearchParams(body).get('refresh_token') ?? '') ?? [];
      return { status: 200, json: issued(user, ++n, lifeS) };
    };
  });
  afterAll(async () => {
    await profile.close();
    await site.stop();
  });
  const open = async () => {
    const tab = await openTab(profile.context, site.origin, false);
    await tab.page.evaluate(async () => void (await (globalThis as unknown as Global).app.session.ready()));
    return tab;
  };
  const signIn = ({ page }: Tab, tokens: object) =>
    page.evaluate(async (tokens) => {
      await (globalThis as unknown as Global).app.session.signIn(tokens as never);
      return Date.now();
    }, tokens);
  /** When the tab was told of this, by the clock of the machine. */
  const told = ({ page }: Tab, type: string) =>
    page.evaluate(
      (type) =>
        new Promise<{ at: number; event: unknown }>((resolve) => {
          (globalThis as unknown as Global).app.session.on(type as 'signed-in', (event) =>
            resolve({ at: Date.now(), event }),
          );
        }),
      type,
    );

  it('tells the other tabs of a sign-in, a refresh and a sign-out within a second', async () => {
    const [here, there] = [await open(), await open()];
    const took: Record<string, number> = {};
    const measure = async (type: string, about: object, act: () => Promise<number>) => {
      const hears = told(there, type);
      await sleep(100);
      const began = await act();
      const { at, event } = await hears;
      took[type] = at - began;
      expect(event).toMatchObject({ type, ...about });
    };
    await measure('signed-in', { here: false }, () => signIn(here, issued('alice', 1)));
    await measure('refreshed', { here: false }, () =>
      here.page.evaluate(async () => {
        await (globalThis as unknown as Global).app.session.refresh();
        return Date.now();
      }),
    );
    await measure('signed-out', { cause: 'elsewhere' }, () =>
      here.page.evaluate(async () => {
        await (globalThis as unknown as Global).app.session.signOut();
        return Date.now();
      }),
    );
    console.info(`${engine.name}: heard after ${JSON.stringify(took)} ms`);
    for (const ms of Object.values(took)) expect(ms).toBeLessThan(1_000);
  });

  it('lets no request that waits through as the user who signs in meanwhile', async () => {
    const tabs = [await open(), await open(), await open()] as const;
    const [first, second, third] = tabs;
    const heard = told(second, 'signed-in');
    await sleep(100);
    await signIn(first, issued('alice', 1, 1));
    await heard;
    let answer = () => {};
    gate = new Promise((resolve) => {
      answer = resolve;
    });
    await sleep(1_100);
    const before = site.apiRequests.length;
    const waiting = [first, second].map(({ page }) =>
      page.evaluate(async () => {
        const { app } = globalThis as unknown as Global;
        const calls = Array.from({ length: 5 }, () =>
          app.call().then(
            ({ status, user }) => `${status} ${user}`,
            (error: Error) => error.name,
          ),
        );
        return Promise.all(calls);
      }),
    );
    await expect
      .poll(() => site.tokenRequests.some(({ status }) => status === 0), { timeout: 5_000 })
      .toBe(true);
    await signIn(third, issued('bob', 1));
    answer();
    gate = Promise.resolve();
    expect(await Promise.all(waiting)).toEqual([
      Array(5).fill('SignedOutError'),
      Array(5).fill('SignedOutError'),
    ]);
    expect(site.apiRequests.slice(before)).toEqual([]);
    await expect
      .poll(
        async () => (await first.page.evaluate(() => (globalThis as unknown as Global).app.call())).user,
        { timeout: 5_000 },
      )
      .toBe('bob');
  });

  it('sends every request as the user it began with, while others sign in and out at random', async () => {
    const seed = Number(process.env['LATCHKEY_SEED'] ?? Date.now() % 1_000_000_000);
    const random = createRandom(seed);
    lifeS = 1;
    const before = site.apiRequests.length;
    const tabs = await Promise.all(
      Array.from({ length: 4 }, () => openTab(profile.context, site.origin, true)),
    );
    const did = { 'signed in': 0, 'signed out': 0 };
    for (let round = 0; round < 40; round++) {
      const tab = random.pick(tabs as [Tab, ...Tab[]]);
      if (random.chance(0.25)) {
        did['signed out']++;
        await tab.page.evaluate(() => (globalThis as unknown as Global).app.session.signOut());
      } else {
        did['signed in']++;
        await signIn(tab, issued(random.pick(['alice', 'bob', 'carol']), 1_000 + round, 1));
      }
      await sleep(random.int(300));
    }
    const sent = site.apiRequests.slice(before);
    const mixed = sent.filter(({ as, user }) => as !== '' && user !== undefined && as !== user);
    console.info(
      `${engine.name}: seed ${seed}: ${JSON.stringify(did)}, ${sent.length} requests, ` +
        `${sent.filter(({ as, user }) => as !== '' && as === user).length} as the user they began with, ${mixed.length} as another`,
    );
    expect(mixed).toEqual([]);
    for (const user of ['alice', 'bob', 'carol'])
      expect(sent.some(({ as, status }) => as === user && status === 200)).toBe(true);
  });
});
