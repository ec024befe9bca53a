import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import { explain } from '../../src/fetch/explain/explain.js';
import { createCookieSession } from '../../src/session/cookie-session.js';
import { customStore } from '../../src/session/custom-store.js';
import type { Refresh } from '../../src/session/grant.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { refreshEndpoint } from '../../src/session/refresh-endpoint.js';
import { createSession } from '../../src/session/session.js';
import { type Handle, recordOf, shared } from '../support/races-handle.js';
import { LoudError, leaks, secretTokens, shown } from '../support/races-secrets.js';
import { stateOf } from '../support/races-watch.js';

const T0 = 1_800_000_000_000;
const held = () =>
  recordOf({ tokens: { accessToken: 's3cr3t-at-1', refreshToken: 's3cr3t-rt-1', idToken: 's3cr3t-id-1' } });

const logged: unknown[] = [];
const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;

beforeEach(() => {
  vi.useFakeTimers({ now: T0 });
  logged.length = 0;
  for (const method of methods) vi.spyOn(console, method).mockImplementation((...args) => logged.push(args));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  expect(logged).toEqual([]);
});

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
const throwing = () => {
  throw new LoudError();
};

/** Refreshes after a refusal; everything anybody is told. */
async function told(refresh: Refresh, store: Handle = shared(held()).handle()) {
  const events: SessionEvent[] = [];
  const session = createSession({ refresh, store, observe: (event) => events.push(event) });
  const refused = { accessToken: 's3cr3t-at-1', tokenType: 'Bearer', expiresAt: undefined };
  const call = stateOf(session.token({ refused }));
  const more = stateOf(session.refresh());
  await vi.advanceTimersByTimeAsync(30_000);
  const words = [explain(call.error), explain(more.error)];
  return {
    call,
    everything: [call.error, more.error, events, session.getSnapshot(), words],
    events,
    session,
  };
}

const answers: [string, Refresh][] = [
  ['throws an error with the request on it', throwing],
  ['throws an error of a client with a response', () => throwing0({ response: json(500, secretTokens()) })],
  [
    'throws an error with a body that was read',
    () => throwing0({ response: json(400, {}), data: secretTokens() }),
  ],
  ['throws text', () => Promise.reject('s3cr3t-rt-1')],
  ['throws an object', () => Promise.reject({ refreshToken: 's3cr3t-rt-1' })],
  [
    'fails on the way',
    () =>
      Promise.reject(Object.assign(new TypeError('fetch failed: s3cr3t-rt-1'), { cause: new LoudError() })),
  ],
  ['answers 503 and echoes', async () => json(503, secretTokens())],
  [
    'answers 200 that is no token response',
    async () => json(200, { accessToken: 5, s3cr3t: 's3cr3t', ...{ refresh_token: 's3cr3t-rt-2' } }),
  ],
  ['answers 200 and text', async () => new Response('s3cr3t-rt-1')],
  ['returns garbage', async () => ({ access_token: 5, refresh_token: 's3cr3t-rt-1' }) as never],
  [
    'returns an access token that no header can carry',
    async () => ({ access_token: 's3cr3t\n', refresh_token: 's3cr3t' }),
  ],
  [
    'is rejected, and the description echoes the refresh token',
    async () =>
      json(400, { error: 'invalid_grant', error_description: 'token s3cr3t-rt-1 of s3cr3t-at-1 is dead' }),
  ],
  [
    'is misconfigured, and the error echoes the refresh token',
    async () => json(401, { error: 'invalid_client', error_description: 's3cr3t-rt-1' }),
  ],
  [
    'returns an error of ours with a loud cause',
    () => Promise.reject(Object.assign(new Error('s3cr3t-rt-1'), { name: 'TimeoutError' })),
  ],
];

function throwing0(members: object): never {
  throw Object.assign(new LoudError(), members);
}

describe('createSession: no secret is told', () => {
  it.each(answers)('where refresh %s', async (_, refresh) => {
    const { everything, call } = await told(refresh);
    expect(call.is).toBe('rejected');
    expect(leaks(...everything)).toEqual([]);
  });

  it('where all goes well', async () => {
    const { call, events, session } = await told(async () => secretTokens(2));
    expect(call.value?.accessToken).toBe('s3cr3t-at-2');
    await session.signOut();
    expect(events.length).toBeGreaterThanOrEqual(4);
    expect(leaks(events, session.getSnapshot())).toEqual([]);
  });

  it('by a text from the server: printable, and at most 200 characters of it', async () => {
    const long = `\u001b[31m${'x\n'.repeat(1_000)}\u0000é`;
    const { call } = await told(async () => json(400, { error: 'invalid_grant', error_description: long }));
    const { errorDescription, message } = call.error as { errorDescription: string; message: string };
    for (const text of [errorDescription, message]) {
      expect(text.length).toBeLessThanOrEqual(260);
      expect(text).toMatch(/^[\x20-\x7e]*$/);
    }
    expect(errorDescription.length).toBeLessThanOrEqual(200);
  });

  it.each(['load', 'save', 'turn', 'watch', 'close'] as const)(
    'where the store fails to %s',
    async (verb) => {
      for (const fail of [throwing, () => Promise.reject(new LoudError())]) {
        const store = shared(held()).handle();
        store[verb] = (verb === 'watch' ? throwing : fail) as never;
        const { everything, session } = await told(async () => secretTokens(2), store);
        const ends = [session.ready(), session.signIn(secretTokens(3)), session.signOut(), session.close()];
        const states = ends.map((end) => stateOf<unknown>(end));
        await vi.advanceTimersByTimeAsync(30_000);
        expect(states.every(({ is }) => is !== 'pending')).toBe(true);
        expect(
          leaks(
            ...everything,
            states.map(({ error }) => error),
          ),
        ).toEqual([]);
      }
    },
  );

  it('where text that is stored cannot be read', async () => {
    const store = customStore({ read: () => '{"v":1,"tokens":"s3cr3t-rt-1"', write: () => {} });
    const events: SessionEvent[] = [];
    const session = createSession({ store, observe: (event) => events.push(event) });
    const state = stateOf(session.token());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(events.map(({ type }) => type)).toContain('store-degraded');
    expect(leaks(state.error, events)).toEqual([]);
  });

  it.each([
    ['tokens that are none', { access_token: 5, refresh_token: 's3cr3t-rt-1' }],
    ['seconds for an instant', { accessToken: 's3cr3t', expiresAt: 1_800_000_000 }],
    ['a token that no header can carry', { access_token: 's3cr3t\r\nX: 1' }],
    ['a Response that is none', () => json(200, { refresh_token: 's3cr3t' })],
    [
      'a Response that refuses',
      () => json(400, { error: 'invalid_grant', error_description: 's3cr3t-rt-1' }),
    ],
  ])('where signIn is given %s', async (_, given) => {
    const session = createSession();
    await session.signIn(secretTokens());
    const error = await session
      .signIn((typeof given === 'function' ? given() : given) as never)
      .catch((e) => e);
    expect(error).toBeInstanceOf(Error);
    expect(leaks(error)).toEqual([]);
  });

  it('where signIn acquires anew and acquire throws', async () => {
    const session = createSession({ acquire: throwing });
    await session.signIn(secretTokens());
    const error = await session.signIn().catch((e) => e);
    expect(error).toMatchObject({ code: 'refresh-unavailable' });
    expect(leaks(error)).toEqual([]);
  });

  it('where functions of the user throw what they were given', async () => {
    const loud = () => {
      throw new LoudError();
    };
    const session = createSession({
      user: loud,
      revoke: loud,
      observe: loud,
      refresh: async () => secretTokens(2),
    });
    session.subscribe(loud);
    session.on('signed-in', loud);
    const error = await session.signIn(secretTokens()).catch((e) => e);
    expect(leaks(error, await session.signOut().catch((e) => e))).toEqual([]);
    const cookies = createCookieSession({ refresh: loud, user: loud, revoke: loud });
    const states = [cookies.signIn(), cookies.refresh(), cookies.signOut()].map((e) => stateOf<unknown>(e));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(leaks(states.map((state) => state.error))).toEqual([]);
  });
});

describe('console.log of what is public', () => {
  it('shows no secret of a session that is signed in', async () => {
    for (const session of [
      createSession({
        store: memoryStore(secretTokens()),
        refresh: refreshEndpoint('https://id.example.com/r'),
      }),
      createCookieSession({
        refresh: async () => json(200, {}),
        csrf: { header: 'X', token: () => 's3cr3t' },
      }),
    ]) {
      await session.ready();
      expect(leaks(session, session.getSnapshot())).toEqual([]);
    }
  });

  it('shows no secret of a store', async () => {
    let text: string | undefined;
    const stores = [
      memoryStore(secretTokens()),
      customStore({ read: () => text, write: (next) => (text = next) }),
    ];
    for (const store of stores) {
      await createSession({ store }).signIn(secretTokens());
      expect(shown(await store.load())).toContain('s3cr3t');
      expect(leaks(store)).toEqual([]);
    }
  });

  it('shows no secret of a TypeError at creation', () => {
    for (const make of [
      () => memoryStore({ access_token: 5, refresh_token: 's3cr3t' } as never),
      () => createSession({ refresh: 's3cr3t' } as never),
      () => refreshEndpoint('https://user:s3cr3t@id.example.com/'),
    ]) {
      let error: unknown;
      try {
        make();
      } catch (thrown) {
        error = thrown;
      }
      expect(leaks(error)).toEqual([]);
    }
  });
});
