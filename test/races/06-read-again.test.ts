import { describe, expect, it, vi } from 'vitest';
import { createAuthFetch } from '../../src/fetch/auth-fetch.js';
import { bearer } from '../../src/schemes/bearer.js';
import type { Refresh } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import type { SharedOptions } from '../../src/session/types.js';
import { deferred } from '../support/deferred.js';
import { recordOf, shared } from '../support/races-handle.js';
import { flush, pass, raceClock } from '../support/races-tools.js';

const HOUR = 3_600_000;

/** A store that answers later, and whose watch tells nothing. */
function setup(options: Partial<SharedOptions> = {}, about: { exclusive?: boolean; later?: boolean } = {}) {
  const expiresAt = Date.now() + HOUR;
  const place = shared(recordOf({ expiresAt, mintedAt: Date.now() }));
  const store = place.handle();
  store.exclusive = about.exclusive ?? true;
  if (about.later ?? true) store.beforeLoad = () => Promise.resolve();
  const refresh = vi.fn<Refresh>(async () => null);
  const session = createSession({ refresh, store, ...options });
  const sent: (string | null)[] = [];
  const fetch = createAuthFetch({
    auth: bearer(session),
    origins: ['https://api.example.com'],
    fetch: async (_, init) => {
      sent.push(new Headers(init?.headers).get('authorization'));
      return new Response();
    },
  });
  const call = () => fetch('https://api.example.com/');
  const elsewhere = (accessToken: string) => {
    const revision = (place.record?.revision ?? 0) + 1;
    place.record = recordOf({ revision, generation: revision, expiresAt, tokens: { accessToken } });
  };
  return { place, store, session, refresh, sent, call, elsewhere };
}

describe('createSession: a record that was loaded 60 s ago', () => {
  raceClock();

  it('is read again beside the next request, which waits for nothing', async () => {
    const { store, sent, call, elsewhere } = setup();
    await call();
    elsewhere('anna-at-9');
    await pass(59_999);
    await call();
    expect(store.loads).toBe(1);
    await pass(1);
    const gate = deferred<void>();
    store.beforeLoad = () => gate.promise;
    await call();
    await call();
    expect(store.loads).toBe(2);
    gate.resolve();
    await flush();
    await call();
    expect(sent).toEqual([...Array(4).fill('Bearer anna-at-1'), 'Bearer anna-at-9']);
    expect(store.loads).toBe(2);
  });

  it('is not read again where nobody asks', async () => {
    const { store, call } = setup();
    await call();
    await pass(HOUR / 2);
    expect(store.loads).toBe(1);
  });

  it('counts from the last look, whatever it was taken for', async () => {
    const { store, call } = setup();
    await call();
    await pass(50_000);
    store.tell();
    await flush();
    expect(store.loads).toBe(2);
    await pass(50_000);
    await call();
    expect(store.loads).toBe(2);
    await pass(10_000);
    await call();
    expect(store.loads).toBe(3);
  });

  it('ends the session that was signed out elsewhere', async () => {
    const { place, session, call, sent } = setup();
    await call();
    place.record = recordOf({ revision: 9, ended: 'signed-out', tokens: undefined });
    await pass(60_000);
    await call();
    await flush();
    expect(session.getSnapshot().status).toBe('signed-out');
    await call();
    expect(sent).toEqual(['Bearer anna-at-1', 'Bearer anna-at-1', null]);
  });

  it('finds the sign-in that another context has made since', async () => {
    const { place, session, call, sent } = setup();
    await call();
    await session.signOut();
    place.record = recordOf({ id: 'ben', revision: 9, tokens: { accessToken: 'ben-at-1' } });
    await pass(60_000);
    await call();
    await flush();
    await call();
    expect(sent).toEqual(['Bearer anna-at-1', null, 'Bearer ben-at-1']);
  });

  it('harms nobody when the store fails, and is tried again a minute later', async () => {
    const { store, call, sent } = setup();
    await call();
    await pass(60_000);
    store.beforeLoad = () => Promise.reject(new Error('down'));
    await call();
    await pass(59_000);
    await call();
    expect(store.loads).toBe(2);
    await pass(1_000);
    await call();
    expect(store.loads).toBe(3);
    expect(new Set(sent)).toEqual(new Set(['Bearer anna-at-1']));
  });

  it('is read by work that waitUntil is told of', async () => {
    const works: Promise<unknown>[] = [];
    const { store, call } = setup({ waitUntil: (work) => void works.push(work) });
    await call();
    await pass(60_000);
    const gate = deferred<void>();
    store.beforeLoad = () => gate.promise;
    await call();
    expect(works).toHaveLength(1);
    gate.reject(new Error('down'));
    await expect(works[0]).resolves.toBeUndefined();
  });

  it('is left alone in workerd, which would cancel the work', async () => {
    vi.stubGlobal('WebSocketPair', class {});
    const { store, call } = setup();
    await call();
    await pass(60_000);
    await call();
    expect(store.loads).toBe(1);
  });

  it.each([
    ['answers at once: it is this context’s own', { later: false }],
    ['is not exclusive: reading it may ask the user', { exclusive: false }],
  ])('is left alone where the store %s', async (_, about) => {
    const { store, call } = setup({}, about);
    await call();
    await pass(HOUR / 2);
    await call();
    expect(store.loads).toBe(1);
  });
});
