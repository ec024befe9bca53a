import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { createSession } from '../../src/session/session.js';
import { recordOf, shared } from '../support/races-handle.js';
import { rotation, tokensOf } from '../support/races-watch.js';

const baseUrl = 'https://api.example.com/';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('createSession: one a request', () => {
  it('costs nothing until it is used: no load, no watch, no turn, no timer', () => {
    const store = shared(recordOf()).handle();
    const watch = vi.spyOn(store, 'watch');
    createSession({ refresh: rotation(), acquire: rotation(), store });
    expect([store.loads, store.turns, watch.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0, 0, 0]);
  });

  it('shares nothing with another session of the process: not the tokens, the events, the end', async () => {
    const told: SessionEvent['type'][] = [];
    const sent: (string | null)[] = [];
    const fetch = async (_: unknown, init?: RequestInit) => {
      sent.push(new Headers(init?.headers).get('authorization'));
      return new Response('ok');
    };
    const anna = createSession({ refresh: rotation('anna') });
    const bob = createSession({ refresh: rotation('bob'), observe: ({ type }) => told.push(type) });
    await anna.signIn(tokensOf('anna', 1));
    expect((await bob.ready()).status).toBe('signed-out');
    await createAuthFetch({ baseUrl, auth: bob, fetch })(`${baseUrl}a`);
    await createAuthFetch({ baseUrl, auth: anna, fetch })(`${baseUrl}a`);
    await bob.signOut();
    await createAuthFetch({ baseUrl, auth: anna, fetch })(`${baseUrl}a`);
    expect(sent).toEqual([null, 'Bearer anna-at-1', 'Bearer anna-at-1']);
    expect(told).not.toContain('signed-in');
  });
});

describe('createSession: over a store that keeps nothing here', () => {
  it('rejects signIn with a TypeError, so that no user is kept in a process of many', async () => {
    const place = shared();
    const store = Object.assign(place.handle(), { readOnly: true as const });
    const session = createSession({ refresh: rotation(), store });
    await expect(session.signIn(tokensOf('anna', 1))).rejects.toBeInstanceOf(TypeError);
    expect((await session.ready()).status).toBe('signed-out');
    await expect(session.token()).rejects.toMatchObject({ code: 'signed-out' });
    expect(place.written).toEqual([]);
  });

  it('sends requests without credentials', async () => {
    const store = Object.assign(shared().handle(), { readOnly: true as const });
    const fetch = vi.fn(async (_: unknown, __?: RequestInit) => new Response('ok'));
    const session = createSession({ refresh: rotation(), store });
    await createAuthFetch({ baseUrl, auth: session, fetch })(`${baseUrl}a`);
    expect(new Headers(fetch.mock.calls[0]?.[1]?.headers).get('authorization')).toBeNull();
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});
