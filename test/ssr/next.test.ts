import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './emulated/jar.js';
import { render, route } from './emulated/next.js';
import { aWorld } from './support.js';
import { serve } from './world.js';

const world = aWorld();
let app: { origin: string; close(): Promise<void> };

beforeAll(async () => {
  const examples = '../../examples/next/app';
  const { default: page } = await import(`${examples}/orders/page.tsx`);
  const routes: Record<string, (request: Request) => Promise<Response>> = {
    'GET /api/orders': (await import(`${examples}/api/orders/route.ts`)).GET,
    'GET /auth/login': (await import(`${examples}/auth/login/route.ts`)).GET,
    'GET /auth/callback': (await import(`${examples}/auth/callback/route.ts`)).GET,
    'GET /auth/renew': (await import(`${examples}/auth/renew/route.ts`)).GET,
    'POST /auth/logout': (await import(`${examples}/auth/logout/route.ts`)).POST,
  };
  app = await serve(async (request) => {
    const { pathname } = new URL(request.url);
    const handler = routes[`${request.method} ${pathname}`];
    return handler ? route(handler, request) : render(page, request);
  });
});
afterAll(() => app.close());

const goTo = (browser: Browser, path: string, init?: RequestInit) =>
  browser.fetch(`${app.origin}${path}`, init);
const where = (response: Response) => response.headers.get('location');

/** A browser whose user has come back from the authorization server. */
async function signedIn(user: string): Promise<Browser> {
  const browser = new Browser();
  const begun = await goTo(browser, '/auth/login');
  const asked = new URL(where(begun) ?? '').searchParams;
  expect(asked.get('redirect_uri')).toBe('https://shop.example.com/auth/callback');
  const done = await goTo(browser, `/auth/callback?code=code-${user}&state=${asked.get('state')}`);
  expect([done.status, where(done)]).toEqual([303, '/orders']);
  return browser;
}

describe('examples/next', () => {
  it('signs in with a code, and shows the orders of who has signed in', async () => {
    const browser = await signedIn('anna');
    expect(browser.header).not.toMatch(/transaction|at-anna|rt-anna/);
    const page = await goTo(browser, '/orders');
    expect(await page.json()).toEqual({
      type: 'ul',
      children: [{ type: 'li', children: 'order-of-anna' }],
    });
  });

  it('refreshes in a route handler, and sets the cookie with the response', async () => {
    const browser = await signedIn('bob');
    const before = browser.header;
    world.expire('bob');
    const response = await goTo(browser, '/api/orders');
    expect(await response.json()).toEqual([{ id: 'order-of-bob' }]);
    expect(browser.header).not.toBe(before);
    // the rotated refresh token is in the cookie: the next refresh is no second use
    world.expire('bob');
    expect((await goTo(browser, '/api/orders')).status).toBe(200);
    expect([world.tokenRequests, world.isOver('bob')]).toEqual([['bob', 'bob', 'bob'], false]);
  });

  it('never refreshes in a server component, sends to the route that can, and comes back', async () => {
    const browser = await signedIn('cleo');
    world.expire('cleo');
    const page = await goTo(browser, '/orders');
    expect([page.status, where(page), page.headers.getSetCookie()]).toEqual([
      307,
      '/auth/renew?to=/orders',
      [],
    ]);
    expect(world.tokenRequests).toEqual(['cleo']);
    const renewed = await goTo(browser, where(page) ?? '');
    expect([renewed.status, where(renewed)]).toEqual([303, '/orders?renewed=1']);
    expect((await goTo(browser, where(renewed) ?? '')).status).toBe(200);
    expect(world.tokenRequests).toEqual(['cleo', 'cleo']);
  });

  it('goes round once where the API refuses whatever it is sent', async () => {
    const browser = await signedIn('dora');
    world.closed = true;
    const renewed = await goTo(browser, where(await goTo(browser, '/orders')) ?? '');
    const page = await goTo(browser, where(renewed) ?? '');
    expect([page.status, await page.text()]).toEqual([500, expect.stringContaining('401')]);
  });

  it('goes home where the user says no, or comes with what was not asked for', async () => {
    const browser = new Browser();
    const state = new URL(where(await goTo(browser, '/auth/login')) ?? '').searchParams.get('state');
    const no = await goTo(browser, `/auth/callback?error=access_denied&state=${state}`);
    const other = await goTo(new Browser(), '/auth/callback?code=code-eve&state=other');
    for (const back of [no, other]) expect([back.status, where(back)]).toEqual([303, '/']);
    expect(world.tokenRequests).toEqual([]);
  });

  it('sends who is signed out to the login, from a page and from the renewal', async () => {
    const browser = await signedIn('emil');
    const out = await goTo(browser, '/auth/logout', { method: 'POST' });
    expect(out.status).toBe(303);
    expect(where(await goTo(browser, '/orders'))).toBe('/auth/login');
    expect(where(await goTo(browser, '/auth/renew?to=/orders'))).toBe('/auth/login');
    expect((await goTo(browser, '/api/orders')).status).toBe(401);
    expect(where(await goTo(new Browser(), '/orders'))).toBe('/auth/login');
  });

  it('sends who is to be renewed nowhere but to a path of its own', async () => {
    const browser = await signedIn('fritz');
    for (const to of ['https://evil.test/', '//evil.test', '/\\evil.test', 'evil', '/a%0d%0aSet-Cookie:b'])
      expect(where(await goTo(browser, `/auth/renew?to=${to}`))).toBe('/?renewed=1');
  });

  it('takes a cookie that was not sealed here for none', async () => {
    const browser = await signedIn('greta');
    const forged = await fetch(`${app.origin}/api/orders`, { headers: { Cookie: 'session=forged' } });
    expect(forged.status).toBe(401);
    expect((await goTo(browser, '/api/orders')).status).toBe(200);
  });
});
