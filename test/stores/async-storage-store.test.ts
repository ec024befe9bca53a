import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionEvent } from '../../src/events.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import { parseRecordText } from '../../src/protocol/record-border.js';
import type { Refresh } from '../../src/session/grant.js';
import { createSession } from '../../src/session/session.js';
import { asyncStorageStore } from '../../src/stores/async-storage/async-storage-store.js';
import { storeContract } from './contract.ts';
import { asyncFaults, type KeyValues, keyValueFaults, keyValues, twoStoresOver } from './key-values.ts';

const NOW = 1_800_000_000_000;
const record = (revision: number): SessionRecord => ({ id: 'i', revision, generation: 1, boundTo: '' });
const tokensIn = ({ kept }: KeyValues) => parseRecordText(kept.get('session') ?? '')?.tokens;

describe('asyncStorageStore', () => {
  // Its platforms tell of no change.
  const deaf = { deaf: true } as const;
  describe.each(['asyncStorage', 'secureStore'] as const)('over %s', (shape) => {
    for (const { name, run } of storeContract(twoStoresOver(shape), asyncFaults, deaf)) it(name, run);
  });
  describe('over localStorage', () => {
    for (const { name, run } of storeContract(twoStoresOver('local'), keyValueFaults, deaf)) it(name, run);
  });

  it('throws a TypeError where the storage has no functions of either kind, or there is no key', () => {
    const { asyncStorage, secureStore } = keyValues();
    const noStorage = /^storage: must have getItem and setItem, or getItemAsync and setItemAsync$/;
    for (const storage of [
      undefined,
      null,
      {},
      { getItem: () => null },
      { setItemAsync: async () => {} },
      'x',
    ])
      expect(() => asyncStorageStore(storage as never, 'session')).toThrow(noStorage);
    for (const key of [undefined, '', 5])
      for (const storage of [asyncStorage, secureStore])
        expect(() => asyncStorageStore(storage, key as never)).toThrow(/^key: must be a text/);
  });

  it('throws a TypeError for a key that SecureStore refuses, and only there', () => {
    const { asyncStorage, secureStore } = keyValues();
    for (const key of ['app:session', 'a b', 'sëssion', '@app/session', 'a\n']) {
      expect(() => asyncStorageStore(secureStore, key)).toThrow(/^key: SecureStore takes only/);
      expect(() => asyncStorageStore(asyncStorage, key)).not.toThrow();
    }
    expect(() => asyncStorageStore(secureStore, 'A-z_0.9')).not.toThrow();
  });

  it('is not exclusive, and asks nothing of the storage before its first use', () => {
    const storage = { getItem: vi.fn(), setItem: vi.fn(), removeItem: vi.fn() };
    expect(asyncStorageStore(storage, 'session').exclusive).toBe(false);
    for (const touched of Object.values(storage)) expect(touched).not.toHaveBeenCalled();
  });

  it('answers a synchronous storage synchronously', () => {
    const values = keyValues();
    values.kept.set('session', JSON.stringify({ v: 1, ...record(3) }));
    expect(asyncStorageStore(values.local, 'session').load()).toEqual(record(3));
  });

  it('refuses what is larger than 2,048 bytes for SecureStore, by the byte, and writes nothing', async () => {
    const values = keyValues();
    const store = asyncStorageStore(values.secureStore, 'session');
    const sized = (bytes: number, letter = 'a') => {
      const about = (accessToken: string) => ({ ...record(1), tokens: { accessToken } });
      const rest = Buffer.byteLength(JSON.stringify({ v: 1, ...about('') }));
      const one = Buffer.byteLength(letter);
      return about(letter.repeat(Math.floor((bytes - rest) / one)) + 'a'.repeat((bytes - rest) % one));
    };
    for (const letter of ['a', 'é', '€', '😀']) {
      await expect(store.save(sized(2_049, letter), 0)).rejects.toMatchObject({
        code: 'refresh-unavailable',
        message: "The session's record is larger than the 2048 bytes of SecureStore",
      });
      expect(values.state.writes).toBe(0);
    }
    expect(await store.save(sized(2_048, '€'), 0)).toBe(true);
    expect(await asyncStorageStore(keyValues().asyncStorage, 'session').save(sized(9_000), 0)).toBe(true);
  });
});

describe('createSession over asyncStorageStore', () => {
  let values: KeyValues;
  let events: SessionEvent[];
  let server: { current: number; asked: string[] };
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    values = keyValues();
    events = [];
    server = { current: 1, asked: [] };
  });
  afterEach(() => vi.useRealTimers());

  const tokens = (n: number) => ({ access_token: `at-${n}`, refresh_token: `rt-${n}`, expires_in: 300 });
  /** Rotates; a refresh token that was spent is refused. */
  const refresh: Refresh = async ({ held }) => {
    server.asked.push(held.refreshToken ?? '');
    if (held.refreshToken !== `rt-${server.current}`) return null;
    return tokens(++server.current);
  };
  const app = (about = {}) =>
    createSession({
      refresh,
      store: asyncStorageStore(values.secureStore, 'session'),
      observe: (event) => events.push(event),
      ...about,
    });
  const passing = async <T>(ms: number, work: Promise<T>): Promise<T> => {
    work.catch(() => {});
    await vi.advanceTimersByTimeAsync(ms);
    return work;
  };
  const types = () => events.map(({ type }) => type);

  it('goes on in memory while the keychain is locked, says so, and writes when it opens', async () => {
    const session = app();
    await passing(0, session.signIn(tokens(1)));
    values.state.is = 'locked';
    // The keychain locks between the reading and the writing.
    const readable = {
      ...values.secureStore,
      getItemAsync: async (key: string) => values.kept.get(key) ?? null,
    };
    const locking = createSession({
      refresh,
      store: asyncStorageStore(readable, 'session'),
      observe: (event) => events.push(event),
    });
    await passing(0, locking.ready());
    events.length = 0;
    expect((await passing(3_000, locking.refresh())).accessToken).toBe('at-2');
    expect(types()).toEqual(expect.arrayContaining(['save-failed', 'store-degraded', 'refreshed']));
    expect(events).toContainEqual(expect.objectContaining({ reason: 'memory-only' }));
    expect(tokensIn(values)?.refreshToken).toBe('rt-1');
    expect((await locking.token()).accessToken).toBe('at-2');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(tokensIn(values)?.refreshToken).toBe('rt-1');
    values.open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tokensIn(values)).toMatchObject({ accessToken: 'at-2', refreshToken: 'rt-2' });
    expect(server.asked).toEqual(['rt-1']);
    // and then leaves it alone
    const { writes } = values.state;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(values.state.writes).toBe(writes);
    await session.close();
    await locking.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is no sign-out while it cannot be read, and finds the session when it opens', async () => {
    await passing(0, app().signIn(tokens(1)));
    values.state.is = 'locked';
    const session = app();
    await expect(passing(0, session.ready())).rejects.toMatchObject({ code: 'refresh-unavailable' });
    expect(session.getSnapshot().status).toBe('loading');
    values.open();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(session.getSnapshot().status).toBe('signed-in');
    await session.close();
  });

  /** Its refresh was answered, and never written; the process is no more. */
  const killedWhileSaving = async () => {
    await passing(0, app().signIn(tokens(1)));
    const hangs = { ...values.secureStore, setItemAsync: () => new Promise<void>(() => {}) };
    const killed = createSession({ refresh, store: asyncStorageStore(hangs, 'session') });
    await passing(0, killed.ready());
    killed.refresh().catch(() => {});
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.current).toBe(2);
    expect(tokensIn(values)?.refreshToken).toBe('rt-1');
  };

  it('finds its session again after the app was killed between response and save, where the server lets it', async () => {
    await killedWhileSaving();
    const grace: Refresh = async ({ held }) => (held.refreshToken === 'rt-1' ? tokens(2) : null);
    const session = app({ refresh: grace });
    await passing(0, session.ready());
    expect((await passing(0, session.refresh())).accessToken).toBe('at-2');
    expect(tokensIn(values)?.refreshToken).toBe('rt-2');
  });

  it('is cleanly signed out after the app was killed between response and save, where the server does not', async () => {
    await killedWhileSaving();
    const session = app();
    await passing(0, session.ready());
    const refused = session.refresh();
    await expect(passing(5_000, refused)).rejects.toMatchObject({
      code: 'refresh-rejected',
      signInRequired: true,
    });
    expect(server.asked).toEqual(['rt-1', 'rt-1']);
    expect(session.getSnapshot()).toMatchObject({ status: 'signed-out', cause: 'rejected' });
    const again = app();
    expect(await passing(0, again.ready())).toMatchObject({ status: 'signed-out' });
    await passing(0, again.signIn(tokens(7)));
    expect(tokensIn(values)?.refreshToken).toBe('rt-7');
  });

  it('says by `save-failed` that a record is too large, and why, without what is in it', async () => {
    const session = app();
    await passing(0, session.signIn(tokens(1)));
    events.length = 0;
    const large: Refresh = async () => ({ ...tokens(2), access_token: 'secret-'.repeat(400) });
    const big = app({ refresh: large });
    await passing(0, big.ready());
    await passing(5_000, big.refresh());
    const failed = events.find(({ type }) => type === 'save-failed') as { error: Error } | undefined;
    expect(failed?.error.message).toContain('larger than the 2048 bytes of SecureStore');
    expect(JSON.stringify(events) + failed?.error.stack).not.toContain('secret-');
    // It stays too large: nobody is woken for it.
    await big.close();
    await session.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('writes in the order in which it was told, one at a time', async () => {
    const writing: string[] = [];
    let busy = 0;
    const slow = {
      ...values.asyncStorage,
      setItem: async (key: string, value: string) => {
        expect(++busy).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 100 - writing.length * 30));
        writing.push(String(parseRecordText(value)?.revision));
        busy--;
        await values.asyncStorage.setItem(key, value);
      },
    };
    const store = asyncStorageStore(slow, 'session');
    const saves = [store.save(record(1), 0), store.save(record(2), 1), store.save(record(3), 2)];
    expect(await passing(1_000, Promise.all(saves))).toEqual([true, true, true]);
    expect(writing).toEqual(['1', '2', '3']);
  });
});
