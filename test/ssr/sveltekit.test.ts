import type { Handle } from '@sveltejs/kit';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { deferred } from '../support/deferred.js';
import { Browser } from './emulated/jar.js';
import { type Route, respond } from './emulated/sveltekit.js';
import { aWorld } from './support.js';
import { serve } from './world.js';

const world = aWorld();
let app: { origin: string; close(): Promise<void> };
/** What the endpoint under test does besides. */
let endpoint: Route = async () => new Response();

beforeAll(async () => {
  const examples = '../../examples/sveltekit/src';
  const { handle }: { handle: Handle } = await import(`${examples}/hooks.server.ts`);
  const routes: Record<string, Route> = {
    'GET /orders': (await import(`${examples}/routes/orders/+page.server.ts`)).load,
    'GET /api/orders': (await import(`${examples}/routes/api/orders/+server.ts`)).GET,
    'GET /auth/login': (await import(`${examples}/routes/auth/login/+server.ts`)).GET,
    'GET /auth/callback': (await import(`${examples}/routes/auth/callback/+server.ts`)).GET,
    'POST /auth/logout': (await import(`${examples}/routes/auth/logout/+server.ts`)).POST,
    'GET /other': (event) => endpoint(event),
  };
  app = await serve((request) => respond(handle, routes, request));
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => app.close());

const goTo = (browser: Browser, path: string, init?: RequestInit) =>
  browser.fetch(`${app.origin}${path}`, init);
const where = (response: Response) => response.headers.get('location');

async function signedIn(user: string): Promise<Browser> {
  const browser = new Browser();
  const begun = await goTo(browser, '/auth/login');
  const asked = new URL(where(begun) ?? '').searchParams;
  expect(asked.get('redirect_uri')).toBe('https://shop.example.com/auth/callback');
  const done = await goTo(browser, `/auth/callback?code=code-${user}&state=${asked.get('state')}`);
  expect([done.status, where(done)]).toEqual([303, '/orders']);
  // other texts that short may be in what is sealed
  expect(browser.header).not.toMatch(new RegExp(`transaction|[ar]t-${user}`));
  return browser;
}

describe('examples/sveltekit', () => {
  it('signs in with a code; `load` and an endpoint see the orders of who has signed in', async () => {
    const browser = await signedIn('anna');
    expect(await (await goTo(browser, '/orders')).json()).toEqual({ orders: [{ id: 'order-of-anna' }] });
    expect(await (await goTo(browser, '/api/orders')).json()).toEqual([{ id: 'order-of-anna' }]);
  });

  it('sets no cookie where nothing was renewed', async () => {
    const browser = await signedIn('alma');
    expect((await goTo(browser, '/orders')).headers.getSetCookie()).toEqual([]);
  });

  it('refreshes in `load`, and the hook sets the cookie', async () => {
    const browser = await signedIn('bob');
    for (let times = 0; times < 2; times++) {
      world.expire('bob');
      const page = await goTo(browser, '/orders');
      expect(await page.json()).toEqual({ orders: [{ id: 'order-of-bob' }] });
      expect(page.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^session=.*; Path=\/; Max-Age=\d+; HttpOnly; SameSite=lax$/),
      ]);
    }
    expect([world.tokenRequests, world.isOver('bob')]).toEqual([['bob', 'bob', 'bob'], false]);
  });

  it('sets the cookie also on a response that cannot be changed', async () => {
    const browser = await signedIn('cleo');
    const before = browser.header;
    world.expire('cleo');
    endpoint = async ({ locals }) => locals.api.fetch(`${world.origin}/api/orders`);
    expect(await (await goTo(browser, '/other')).json()).toEqual([{ id: 'order-of-cleo' }]);
    expect(browser.header).not.toBe(before);
  });

  it('holds the response back until a refresh beside it is in the cookie', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const browser = await signedIn('dora');
    const before = browser.header;
    vi.setSystemTime(Date.now() + 250_000); // a fifth of its life is left
    const gate = deferred();
    world.gate = () => gate.promise;
    let isThere = false;
    const page = goTo(browser, '/orders').finally(() => {
      isThere = true;
    });
    await vi.waitFor(() => expect(world.tokenRequests).toEqual(['dora', 'dora']), 10_000);
    await vi.waitFor(() => expect(world.served).toEqual(['dora']), 10_000);
    expect(isThere).toBe(false);
    gate.resolve();
    expect((await page).status).toBe(200);
    expect(browser.header).not.toBe(before);
    world.gate = () => undefined;
    await goTo(browser, '/orders');
    expect([world.tokenRequests.length, world.isOver('dora')]).toEqual([2, false]);
  });

  it('goes home where the user says no, or comes with what was not asked for', async () => {
    const browser = new Browser();
    const state = new URL(where(await goTo(browser, '/auth/login')) ?? '').searchParams.get('state');
    const no = await goTo(browser, `/auth/callback?error=access_denied&state=${state}`);
    const other = await goTo(new Browser(), '/auth/callback?code=code-eve&state=other');
    for (const back of [no, other]) expect([back.status, where(back)]).toEqual([303, '/']);
    expect(world.tokenRequests).toEqual([]);
  });

  it('sends who is signed out to the login', async () => {
    const browser = await signedIn('emil');
    expect(where(await goTo(browser, '/auth/logout', { method: 'POST' }))).toBe('/');
    expect(where(await goTo(browser, '/orders'))).toBe('/auth/login');
    expect((await goTo(browser, '/api/orders')).status).toBe(401);
  });
});
