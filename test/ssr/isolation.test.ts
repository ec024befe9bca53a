import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type AuthClient,
  bearer,
  createAuthClient,
  createAuthFetch,
  createSession,
  customStore,
  memoryStore,
  type Session,
} from 'latchkey';
import { refreshTokenGrant } from 'latchkey/oauth';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deferred } from '../support/deferred.js';
import { aWorld } from './support.js';
import { type Handler, serve } from './world.js';

const world = aWorld();
let close = async () => {};
afterEach(() => close());

/** The tokens of a user rest in the process, and the cookie names them: what is renewed is seen by the next request. */
const records = new Map<string, string>();
const storeOf = (user: string) =>
  customStore({
    read: () => records.get(user),
    write: (text) => records.set(user, text),
  });
const sessionOf = (user: string): Session =>
  createSession({
    refresh: refreshTokenGrant({ tokenEndpoint: `${world.origin}/token`, clientId: 'web' }),
    store: storeOf(user),
  });
const userOf = (request: Request) => /user=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? '';

async function signIn(...users: string[]): Promise<void> {
  for (const user of users) await sessionOf(user).signIn(world.signIn(user));
}

/** Starts the server under test; the result asks it as a user. */
async function app(handler: Handler): Promise<(user: string) => Promise<unknown>> {
  const served = await serve(handler);
  close = served.close;
  return async (user) =>
    (await fetch(`${served.origin}/orders`, { headers: { Cookie: `user=${user}` } })).json();
}
const orders = (api: AuthClient) => api.get('orders').json();
const orderOf = (user: string) => [{ id: `order-of-${user}` }];

let shared: AuthClient;
const current = new AsyncLocalStorage<Session>();
let inContext: AuthClient;
beforeAll(() => {
  const baseUrl = `${world.origin}/api/`;
  shared = createAuthClient({ baseUrl, auth: bearer(() => undefined) });
  inContext = createAuthClient({
    baseUrl,
    auth: bearer(async ({ refused }) => {
      const session = current.getStore();
      const token =
        refused === undefined
          ? undefined
          : { accessToken: refused, tokenType: 'Bearer', expiresAt: undefined };
      return (await session?.token({ refused: token }))?.accessToken;
    }),
  });
});

/** Each makes a session of the request's cookie. */
const servers: readonly (readonly [string, Handler])[] = [
  [
    'a client made for the request',
    async (request) =>
      Response.json(
        await orders(createAuthClient({ baseUrl: `${world.origin}/api/`, auth: sessionOf(userOf(request)) })),
      ),
  ],
  [
    'a client of the module, extended for the request',
    async (request) => Response.json(await orders(shared.extend({ auth: sessionOf(userOf(request)) }))),
  ],
  [
    'a client of the module that asks for the session of the request',
    (request) => current.run(sessionOf(userOf(request)), async () => Response.json(await orders(inContext))),
  ],
];

describe.each(servers)('one server for all, with %s', (_, handler) => {
  it('serves one user while the refresh of another is under way, each with tokens of their own', async () => {
    await signIn('anna', 'bob');
    world.expire('anna');
    const gate = deferred();
    const asked = deferred();
    world.gate = (user) => {
      asked.resolve();
      return user === 'anna' ? gate.promise : undefined;
    };
    const ask = await app(handler);
    const anna = ask('anna');
    await asked.promise;
    expect(await ask('bob')).toEqual(orderOf('bob'));
    world.expire('bob');
    expect(await ask('bob')).toEqual(orderOf('bob'));
    gate.resolve();
    expect(await anna).toEqual(orderOf('anna'));
    expect(world.tokenRequests).toEqual(['anna', 'bob']);
    // refused: anna, then bob once; what was served was each time who asked
    expect(world.served).toEqual([undefined, 'bob', undefined, 'bob', 'anna']);
  });

  it('gives two whose refreshes run together each their own, whichever ends first', async () => {
    for (const order of [
      ['anna', 'bob'],
      ['bob', 'anna'],
    ]) {
      await signIn('anna', 'bob');
      world.expire('anna');
      world.expire('bob');
      const gates = { anna: deferred(), bob: deferred() };
      const [both, started] = [deferred(), new Set<string>()];
      world.gate = (user) => {
        started.add(user);
        if (started.size === 2) both.resolve();
        return gates[user as 'anna' | 'bob'].promise;
      };
      const ask = await app(handler);
      const answers = new Map(['anna', 'bob'].map((user) => [user, ask(user)]));
      await both.promise;
      for (const user of order) {
        gates[user as 'anna' | 'bob'].resolve();
        expect(await answers.get(user)).toEqual(orderOf(user));
      }
      await close();
    }
  });

  it('never mixes up thirty users who ask together, a third of them with a refused token', async () => {
    const users = Array.from({ length: 30 }, (_, index) => `user${index}`);
    await signIn(...users);
    const expired = users.filter((_, index) => index % 3 === 0);
    for (const user of expired) world.expire(user);
    const ask = await app(handler);
    expect(await Promise.all(users.map(ask))).toEqual(users.map(orderOf));
    expect(world.tokenRequests.sort()).toEqual(expired.sort());
  });

  it('sends who is signed out nothing of those who are not', async () => {
    await signIn('anna');
    const ask = await app((request) => handler(request).catch(() => Response.json('signed out')));
    expect(await ask('anna')).toEqual(orderOf('anna'));
    expect(await ask('nobody')).toBe('signed out');
    expect(world.served.filter((user) => user !== undefined)).toEqual(['anna']);
  });
});

describe('one server with a session of the module, as it must not be', () => {
  it('serves everybody as whoever signed in last', async () => {
    const session = createSession({ store: memoryStore() });
    const client = createAuthClient({ baseUrl: `${world.origin}/api/`, auth: session });
    const ask = await app(async () => Response.json(await orders(client)));
    await session.signIn(world.signIn('anna'));
    expect(await ask('anna')).toEqual(orderOf('anna'));
    await session.signIn(world.signIn('bob'));
    expect(await ask('anna')).toEqual(orderOf('bob'));
    expect(await ask('nobody')).toEqual(orderOf('bob'));
  });

  it('gives everybody the token that a function of its client returned for a challenge', async () => {
    const sent: (string | null)[] = [];
    const user = new AsyncLocalStorage<string>();
    const challenge = 'Bearer realm="https://id.example.com/token", service="api", scope="read"';
    const authFetch = createAuthFetch({
      baseUrl: 'https://api.example.com/',
      auth: bearer(({ challenge }) => challenge && `token-of-${user.getStore()}`),
      fetch: async (_, init) => {
        const given = new Headers(init?.headers).get('authorization');
        sent.push(given);
        return given
          ? new Response('ok')
          : new Response('', { status: 401, headers: { 'WWW-Authenticate': challenge } });
      },
    });
    await user.run('anna', () => authFetch('/orders'));
    await user.run('bob', () => authFetch('/orders'));
    expect(sent).toEqual([null, 'Bearer token-of-anna', 'Bearer token-of-anna']);
  });
});
