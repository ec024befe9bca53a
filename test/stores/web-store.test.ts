import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import { openDatabase, transact } from '../../src/indexed-db.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import { createSession } from '../../src/session/session.js';
import type { Session } from '../../src/session/types.js';
import { webStore } from '../../src/stores/web/web-store.js';
import { settled, type WebPage, webPage } from '../support/web-page.ts';
import { failing, PLACE, stored } from './web-place.ts';

const record = (revision: number, about: Partial<SessionRecord> = {}): SessionRecord => ({
  id: 'alice',
  revision,
  generation: revision,
  boundTo: '',
  tokens: { accessToken: `at-${revision}`, refreshToken: `rt-${revision}` },
  ...about,
});
const tokens = (n: number) => ({ access_token: `at-${n}`, refresh_token: `rt-${n}`, expires_in: 300 });
const textOf = (of: SessionRecord) => JSON.stringify({ v: 1, ...of });

let page: WebPage;
beforeEach(() => {
  page = webPage();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const { put } = IDBObjectStore.prototype;

/** A put as a browser's whose quota is used up: its transaction is aborted at the end. */
function overfull(this: IDBObjectStore, ...about: [unknown, IDBValidKey?]): IDBRequest {
  const { transaction } = this;
  const request = Reflect.apply(put, this, about) as IDBRequest;
  Object.defineProperty(transaction, 'error', {
    get: () => new DOMException('no more', 'QuotaExceededError'),
  });
  request.addEventListener('success', () => transaction.abort());
  return request;
}

/** Nothing can be written; returns the way to make room. */
function full(): () => void {
  const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(overfull as never);
  return () => spy.mockRestore();
}

interface App {
  readonly session: Session;
  readonly events: SessionEvent[];
  /** Reasons for which the store was called degraded. */
  degraded(): string[];
}
function app(tab = 'a', about = {}): App {
  page.tab(tab);
  const events: SessionEvent[] = [];
  let n = 1;
  const session = createSession({
    refresh: async () => tokens(++n),
    store: webStore('session'),
    observe: (event) => events.push(event),
    ...about,
  }) as Session;
  const degraded = () => events.flatMap((event) => (event.type === 'store-degraded' ? [event.reason] : []));
  return { session, events, degraded };
}

describe('webStore', () => {
  it.each([undefined, '', 5, null])('throws a TypeError where the name is %s', (name) => {
    expect(() => webStore(name as never)).toThrow(/^name: must be a text that is not empty$/);
  });

  it('touches nothing before its first use', () => {
    const open = vi.spyOn(indexedDB, 'open');
    webStore('session');
    expect([open.mock.calls.length, page.channels, page.locks.waiting]).toEqual([0, 0, []]);
  });

  it('keeps the record as text under `latchkey:` and its name, so that others are apart', async () => {
    await webStore('session').save(record(1), 0);
    expect(await stored()).toBe(textOf(record(1)));
    expect(await webStore('other').load()).toBeUndefined();
    expect((await indexedDB.databases()).map(({ name }) => name)).toEqual([PLACE, 'latchkey:other']);
  });

  it('leaves no connection open: who clears the site’s data is not held up, and what comes then is new', async () => {
    const store = webStore('session');
    await store.save(record(1), 0);
    await store.load();
    await new Promise<void>((resolve, reject) => {
      const deleting = indexedDB.deleteDatabase(PLACE);
      deleting.onsuccess = () => resolve();
      deleting.onblocked = () => reject(new Error('a connection is open'));
    });
    expect(await store.load()).toBeUndefined();
    expect(await store.save(record(1), 0)).toBe(true);
  });

  it('asks for a durable write: a spent refresh token must not come back with a loss of power', async () => {
    const database = await openDatabase(indexedDB, PLACE, 'session');
    const begin = vi.spyOn(Object.getPrototypeOf(database), 'transaction');
    database.close();
    await webStore('session').save(record(1), 0);
    expect(begin.mock.calls.at(-1)).toEqual(['session', 'readwrite', { durability: 'strict' }]);
  });

  it('mends a database that a crash left without its object store, and waits for who has it open', async () => {
    const left = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open(PLACE);
      opening.onsuccess = () => resolve(opening.result);
    });
    const store = webStore('session');
    let answer: unknown;
    const saving = Promise.resolve(store.save(record(1), 0)).then((saved) => {
      answer = saved;
    });
    await settled();
    expect(answer).toBeUndefined();
    left.close();
    await saving;
    expect(answer).toBe(true);
    expect(await store.load()).toEqual(record(1));
  });

  it('rejects an operation that the browser cuts off by closing the database, and opens it anew', async () => {
    const store = webStore('session');
    await store.save(record(1), 0);
    const get = vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementationOnce(function (
      this: IDBObjectStore,
    ) {
      queueMicrotask(() => this.transaction.abort());
      return {} as never;
    } as never);
    await expect(store.load()).rejects.toBeDefined();
    expect(get).toHaveBeenCalledTimes(1);
    expect(await store.load()).toEqual(record(1));
  });

  it('keeps the revision of a failed save: nothing is written', async () => {
    const store = webStore('session');
    await store.save(record(1), 0);
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
      throw new DOMException('cannot', 'UnknownError');
    });
    await expect(store.save(record(2), 1)).rejects.not.toBe(true);
    expect(await store.load()).toEqual(record(1));
    expect(await store.save(record(2), 1)).toBe(true);
  });
});

describe('webStore: watch', () => {
  it('says nothing of the record in its messages, and holds a channel only while somebody watches', async () => {
    const a = webStore('session');
    await a.save(record(1), 0);
    expect([page.channels, page.posted]).toEqual([0, [0]]);
    const stops = [a.watch?.(() => {}), a.watch?.(() => {})];
    expect(page.channels).toBe(1);
    for (const stop of stops) stop?.();
    expect(page.channels).toBe(0);
  });

  it('tells a second session over the same store, and not the one that saved where it is alone', async () => {
    const store = webStore('session');
    const first = vi.fn();
    store.watch?.(first);
    await store.save(record(1), 0);
    await settled();
    expect(first).not.toHaveBeenCalled();
    const second = vi.fn();
    store.watch?.(second);
    await store.save(record(2), 1);
    await settled();
    expect(second).toHaveBeenCalledTimes(1);
  });

  it('closes its channel when the page is put away, and looks again when it comes back', async () => {
    const store = webStore('session');
    const told = vi.fn();
    const stop = store.watch?.(told);
    page.tell('pagehide', { persisted: true });
    expect(page.channels).toBe(0);
    await webStore('session').save(record(1), 0);
    await settled();
    expect(told).not.toHaveBeenCalled();
    page.tell('pageshow', { persisted: true });
    expect([told.mock.calls.length, page.channels]).toEqual([1, 1]);
    stop?.();
    page.tell('pageshow', { persisted: true });
    expect([told.mock.calls.length, page.channels]).toEqual([1, 0]);
  });

  it('has saved what it cannot tell of', async () => {
    const store = webStore('session');
    const stop = store.watch?.(() => {});
    vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockImplementation(() => {
      throw new DOMException('closed', 'InvalidStateError');
    });
    expect(await store.save(record(1), 0)).toBe(true);
    expect(await store.load()).toEqual(record(1));
    stop?.();
  });

  it('works without BroadcastChannel, and hears nothing then', async () => {
    vi.stubGlobal('BroadcastChannel', undefined);
    const store = webStore('session');
    const stop = store.watch?.(() => {});
    expect(await store.save(record(1), 0)).toBe(true);
    stop?.();
  });
});

describe('webStore: where nothing can be kept', () => {
  const refusals: [string, () => void][] = [
    ['there is no IndexedDB', () => vi.stubGlobal('indexedDB', undefined)],
    [
      'looking at it throws: storage is disabled',
      () =>
        Object.defineProperty(globalThis, 'indexedDB', {
          configurable: true,
          get: () => {
            throw new DOMException('secret', 'SecurityError');
          },
        }),
    ],
    [
      'opening throws: a sandboxed frame',
      () =>
        vi.spyOn(indexedDB, 'open').mockImplementation(() => {
          throw new DOMException('secret', 'SecurityError');
        }),
    ],
    [
      'opening fails: a private window',
      () => vi.spyOn(indexedDB, 'open').mockImplementation(() => failing('InvalidStateError')),
    ],
    [
      'there is no space for a database',
      () => vi.spyOn(indexedDB, 'open').mockImplementation(() => failing('QuotaExceededError')),
    ],
    ['there are no Web Locks: plain http, an old browser', () => vi.stubGlobal('navigator', {})],
  ];

  it.each(refusals)('it goes on in memory and says so, once: %s', async (_, refuse) => {
    refuse();
    const events: SessionEvent[] = [];
    const session = createSession({
      refresh: async () => tokens(2),
      store: webStore('session'),
      observe: (event) => events.push(event),
    });
    expect((await session.ready()).status).toBe('signed-out');
    await session.signIn(tokens(1));
    expect((await session.refresh()).accessToken).toBe('at-2');
    expect((await session.token()).accessToken).toBe('at-2');
    await session.signOut();
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'user' });
    const told = events.filter(({ type }) => type === 'store-degraded' || type === 'save-failed');
    expect(told).toEqual([expect.objectContaining({ type: 'store-degraded', reason: 'memory-only' })]);
  });

  it('it gives turns in memory too, one after another', async () => {
    vi.stubGlobal('navigator', {});
    const store = webStore('session');
    const log: string[] = [];
    const turn = (name: string) =>
      store.turn(async () => {
        log.push(name);
        await settled();
        log.push(`${name} ends`);
      });
    await Promise.all([turn('a'), turn('b')]);
    expect(log).toEqual(['a', 'a ends', 'b', 'b ends']);
    expect(store.memoryOnly).toBe(true);
  });

  it('it is no sign-out while IndexedDB only fails: the load rejects, and finds the session later', async () => {
    await webStore('session').save(record(1), 0);
    const open = vi.spyOn(indexedDB, 'open').mockImplementation(() => failing('UnknownError'));
    const { session, degraded } = app();
    await expect(session.ready()).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(session.getSnapshot().status).toBe('loading');
    open.mockRestore();
    expect((await session.ready()).status).toBe('signed-in');
    expect(degraded()).toEqual([]);
  });

  it.each([
    ['hangs', () => ({}) as never],
    ['fails', () => failing('UnknownError')],
  ])('an IndexedDB that %s for 10 s is taken for broken', async (_, open) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    vi.spyOn(indexedDB, 'open').mockImplementation(open);
    const { session, degraded } = app();
    const first = session.ready().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(0);
    await settled();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await first).toMatchObject({ code: 'refresh-unavailable' });
    expect(degraded()).toEqual([]);
    await vi.advanceTimersByTimeAsync(7_000);
    const second = session.ready();
    await settled();
    await vi.advanceTimersByTimeAsync(0);
    expect((await second).status).toBe('signed-out');
    expect(degraded()).toEqual(['memory-only']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a database that opens after that is closed again, and nothing of it is used', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const request = {} as { onsuccess: () => void; result: unknown };
    vi.spyOn(indexedDB, 'open').mockReturnValue(request as never);
    const store = webStore('session');
    const loading = store.load();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await loading).toBeUndefined();
    const close = vi.fn();
    request.result = { close, objectStoreNames: { contains: () => true } };
    request.onsuccess();
    await settled();
    expect([close.mock.calls.length, store.memoryOnly]).toEqual([1, true]);
  });

  it('a database that was there once is never taken for missing: its failures are failures', async () => {
    const store = webStore('session');
    await store.save(record(1), 0);
    vi.spyOn(indexedDB, 'open').mockImplementation(() => failing('InvalidStateError'));
    await expect(store.load()).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(store.memoryOnly).toBe(false);
  });
});

describe('webStore: a full storage', () => {
  it('lets a user sign in, refresh and sign out in memory, and says so', async () => {
    const { session, degraded } = app();
    await session.ready();
    full();
    await session.signIn(tokens(1));
    expect(degraded()).toEqual(['memory-only']);
    expect((await session.refresh()).accessToken).toBe('at-2');
    await session.signOut();
    expect(await stored()).toBeUndefined();
    expect(degraded()).toEqual(['memory-only']);
  });

  it('writes what is in memory when there is space again', async () => {
    const { session, degraded } = app();
    await session.ready();
    const makeRoom = full();
    await session.signIn(tokens(1));
    makeRoom();
    await session.refresh();
    expect(String(await stored())).toContain('"rt-2"');
    full();
    await session.signIn(tokens(1));
    expect(degraded()).toEqual(['memory-only', 'memory-only']);
  });

  it('removes whom a sign-in replaces: a reload must not bring another user back', async () => {
    const alice = app('a');
    await alice.session.signIn(tokens(1));
    full();
    await alice.session.signIn(tokens(7));
    expect(await stored()).toBeUndefined();
    expect((await app('b').session.ready()).status).toBe('signed-out');
  });

  it('removes what a sign-out ends', async () => {
    const { session } = app();
    await session.signIn(tokens(1));
    full();
    await session.signOut();
    expect(await stored()).toBeUndefined();
    expect((await app('b').session.ready()).status).toBe('signed-out');
  });

  it('spends no refresh token of a record that others share: it could not be saved what comes of it', async () => {
    const refresh = vi.fn(async () => tokens(2));
    const { session, events } = app('a', { refresh });
    await session.signIn(tokens(1));
    const makeRoom = full();
    await expect(session.refresh()).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(refresh).not.toHaveBeenCalled();
    const failed = events.find((event) => event.type === 'refresh-failed');
    expect(failed?.error.message).toContain('full');
    expect((await session.token()).accessToken).toBe('at-1');
    makeRoom();
    expect(String(await stored())).toContain('"rt-1"');
  });

  it('answers false where another tab wrote while what is replaced was to be removed', async () => {
    const store = webStore('session');
    await store.save(record(1), 0);
    const database = await openDatabase(indexedDB, PLACE, 'session');
    let other: Promise<unknown> | undefined;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (
      this: IDBObjectStore,
      ...about: [unknown, IDBValidKey?]
    ) {
      other = transact(database, 'session', 'record', () => textOf(record(2)));
      return Reflect.apply(overfull, this, about);
    } as never);
    expect(await store.save(record(2, { id: 'bob' }), 1)).toBe(false);
    await other;
    database.close();
    expect([await store.load(), store.memoryOnly]).toEqual([record(2), false]);
  });

  it('takes what another tab writes since for newer than its own memory', async () => {
    const store = webStore('session');
    await store.load();
    const makeRoom = full();
    await store.save(record(1), 0);
    expect([await store.load(), store.memoryOnly]).toEqual([record(1), true]);
    makeRoom();
    await stored(textOf(record(4, { id: 'bob' })));
    expect([await store.load(), store.memoryOnly]).toEqual([record(4, { id: 'bob' }), false]);
  });
});

describe('webStore: in a worker', () => {
  it('works as in a page; there is nothing to be seen again', async () => {
    vi.stubGlobal('document', undefined);
    vi.stubGlobal('WorkerGlobalScope', class {});
    vi.stubGlobal('addEventListener', undefined);
    vi.stubGlobal('removeEventListener', undefined);
    const { session } = app();
    await session.signIn(tokens(1));
    expect(String(await stored())).toContain('"rt-1"');
    expect((await session.refresh()).accessToken).toBe('at-2');
    await session.close();
    expect(page.channels).toBe(0);
  });
});

describe('webStore: on a server', () => {
  const servers: [string, () => void][] = [
    ['no document and no worker', () => {}],
    ['the classes of workers, and no IndexedDB', () => vi.stubGlobal('WorkerGlobalScope', class {})],
  ];

  it.each(servers)('loads nothing and rejects a sign-in: %s', async (_, be) => {
    vi.unstubAllGlobals();
    be();
    const fetch = vi.spyOn(globalThis, 'fetch');
    const session = createSession({ acquire: async () => tokens(1), store: webStore('session') });
    await expect(session.signIn(tokens(1))).rejects.toBeInstanceOf(TypeError);
    await expect(session.signIn()).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(session.getSnapshot()).not.toMatchObject({ status: 'signed-in' });
    expect(await webStore('session').load()).toBeUndefined();
    expect(await webStore('session').save(record(1), 0)).toBe(false);
    expect(fetch).not.toHaveBeenCalled();
  });

  it('is nobody’s session: signed out, and requests go without credentials', async () => {
    vi.unstubAllGlobals();
    const session = createSession({ refresh: async () => tokens(1), store: webStore('session') });
    expect(session.getSnapshot().status).toBe('loading');
    expect(await session.ready()).toMatchObject({ status: 'signed-out', cause: 'never' });
  });
});

it('webStore: a browser’s own IDBFactory is asked each time, not the one of the first use', async () => {
  const store = webStore('session');
  await store.save(record(1), 0);
  vi.stubGlobal('indexedDB', new IDBFactory());
  expect(await store.load()).toBeUndefined();
});
