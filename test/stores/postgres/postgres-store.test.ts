import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Encrypt, postgresStore } from '../../../src/stores/postgres/index.js';
import { failureOf, type Handles, record } from '../contract/tools.js';
import { storeContract } from '../contract.js';
import { revisionIn } from '../revision-in.js';
import { FakePostgres, pgPool, postgresJs } from './fake-postgres.js';

interface Made extends Handles {
  readonly server: FakePostgres;
}

const shapes = [
  ['pg', (server: FakePostgres) => pgPool(server)],
  ['postgres.js', (server: FakePostgres) => postgresJs(server)],
] as const;
const [oldKey, newKey] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const turn = async () => {};

afterEach(() => {
  vi.useRealTimers();
});

describe('postgresStore', () => {
  describe.each(shapes)('%s', (_, poolOf) => {
    const make = async (): Promise<Made> => {
      const server = new FakePostgres();
      const store = () => postgresStore(poolOf(server), 'k', { leaseMs: 300 });
      return { a: store(), b: store(), server };
    };
    const into = (state: FakePostgres['state']) => (made: Made) => {
      made.server.state = state;
      return () => made.server.mend();
    };
    const cases = storeContract<Made>(make, {
      put: ({ server }, text) => server.rows.set('k', { record: text, revision: revisionIn(text), until: 0 }),
      fail: into('failing'),
      hang: into('hanging'),
      lose: ({ server }) => {
        const row = server.rows.get('k');
        if (row) row.until = 0;
      },
    });
    for (const { name, run } of cases) it(name, run);

    it('encrypts the record where keys are given, bound to table and key', async () => {
      const server = new FakePostgres();
      const store = (encrypt: Encrypt, key = 'k') => postgresStore(poolOf(server), key, { encrypt });
      const [a, b] = [store([newKey, oldKey]), store([oldKey, newKey])];
      expect(await a.save(record(1), 0)).toBe(true);
      expect(server.rows.get('k')?.record).toMatch(/^latchkey-sealed-1\.1\./);
      expect(await b.load()).toEqual(record(1));
      expect(await b.save(record(2), 1)).toBe(true);
      expect(await a.load()).toEqual(record(2));
      const row = server.rows.get('k');
      if (row) server.rows.set('other', row);
      const unopened = { name: 'UnopenedRecordError' };
      await expect(store(oldKey, 'other').load()).rejects.toMatchObject(unopened);
      await expect(store(newKey).load()).rejects.toMatchObject(unopened);
      expect(inspect([a, server.rows], { depth: 9 })).not.toMatch(/accessToken|refreshToken/);
    });

    it('tells nothing of the client’s own errors but their SQLSTATE', async () => {
      const { a, server } = await make();
      server.state = 'failing';
      for (const verb of [() => a.load(), () => a.save(record(1), 0), () => a.turn(turn)]) {
        const failed = await failureOf(verb);
        expect(failed?.name).toBe('RefreshUnavailableError');
        expect(failed?.message).toContain('SQLSTATE 57P01');
        expect(inspect(failed, { depth: 9, showHidden: true })).not.toMatch(/rt-1|broken/);
      }
    });

    it('migrates', async () => {
      const server = new FakePostgres();
      await expect(postgresStore(poolOf(server), 'k').migrate()).resolves.toBeUndefined();
    });
  });

  it('runs a statement again that could not be serialized, five times at most', async () => {
    let asked = 0;
    const failing = (times: number) => ({
      query: async () => {
        if (asked++ < times) throw Object.assign(new Error('serialize'), { code: '40001' });
        return { rows: [] };
      },
    });
    expect(await postgresStore(failing(4), 'k').load()).toBeUndefined();
    expect(asked).toBe(5);
    asked = 0;
    const failed = await failureOf(() => postgresStore(failing(9), 'k').load());
    expect(failed?.message).toContain('SQLSTATE 40001');
    expect(asked).toBe(5);
  });

  it('says how a table is created that is missing, and nothing of what is no SQLSTATE', async () => {
    const failing = (code: unknown) => ({
      query: async () => Promise.reject(Object.assign(new Error('rt-1'), { code })),
    });
    const said = async (code: unknown) =>
      (await failureOf(() => postgresStore(failing(code), 'k').load()))?.message;
    expect(await said('42P01')).toContain('migrate() creates the table');
    for (const code of ['ECONNREFUSED', 'rt-11', 7, undefined])
      expect(await said(code)).toBe('Postgres did not answer as it should');
  });

  it('answers in time where the pool never does', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const failing = failureOf(() => postgresStore({ query: () => new Promise(() => {}) }, 'k').load());
    await vi.advanceTimersByTimeAsync(10_001);
    expect((await failing)?.name).toBe('RefreshUnavailableError');
  });

  it('listens on one connection of the pool, for all stores over it', async () => {
    const server = new FakePostgres();
    const pool = pgPool(server);
    const told = [0, 0, 0];
    const stores = ['a', 'b', 'a'].map((key) => postgresStore(pool, key));
    const watch = (i: number) => stores[i]?.watch?.(() => (told[i] = (told[i] ?? 0) + 1));
    const stops = [watch(0)];
    await vi.waitFor(() => expect(told).toEqual([1, 0, 0]), 10_000);
    stops.push(watch(1), watch(2));
    await vi.waitFor(() => expect(told).toEqual([1, 1, 1]), 10_000);
    await stores[0]?.save(record(1), 0);
    await vi.waitFor(() => expect(told).toEqual([2, 1, 2]), 10_000);
    expect(server.connections).toHaveLength(1);
    stops[0]?.();
    stops[1]?.();
    await vi.waitFor(() => expect(server.connections[0]?.said.at(-1)).toMatch(/^UNLISTEN/), 10_000);
    expect(server.connections[0]?.released).toBeUndefined();
    stops[2]?.();
    expect(server.connections[0]?.released).toBe(true);
    // an error of what is closed ends no process
    server.connections[0]?.emit('error', new Error('late'));
    watch(0);
    await vi.waitFor(() => expect(server.connections).toHaveLength(2), 10_000);
    for (const store of stores) await store.close?.();
  });

  it.each(['error', 'end'])(
    'listens anew after its connection emits %s, and tells who watches',
    async (event) => {
      const server = new FakePostgres();
      const store = postgresStore(pgPool(server), 'k');
      let told = 0;
      store.watch?.(() => told++);
      await vi.waitFor(() => expect(told).toBe(1), 10_000);
      server.connections[0]?.emit(event, new Error('terminated'));
      expect(server.connections[0]?.released).toBe(true);
      await vi.waitFor(() => expect(told).toBe(2), 10_000);
      await store.close?.();
    },
  );

  it('gives back a connection that may not listen, and tries again later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const server = new FakePostgres();
    const store = postgresStore(pgPool(server, { refuses: true }), 'k');
    store.watch?.(() => {});
    await vi.advanceTimersByTimeAsync(3_000);
    expect(server.connections.length).toBeGreaterThan(2);
    expect(server.connections.map(({ released }) => released)).not.toContain(undefined);
    await store.close?.();
  });

  it('tells who watches after postgres.js listens again', async () => {
    const server = new FakePostgres();
    const sql = postgresJs(server);
    const store = postgresStore(sql, 'k');
    let told = 0;
    store.watch?.(() => told++);
    await vi.waitFor(() => expect(told).toBe(1), 10_000);
    sql.again();
    expect(told).toBe(2);
    await store.close?.();
    sql.again();
    expect(told).toBe(2);
  });

  it.each([
    ['a pool of one connection', (server: FakePostgres) => pgPool(server, { max: 1 })],
    ['what has only a query', (server: FakePostgres) => ({ query: pgPool(server).query })],
  ])('reads every five seconds over %s', async (_, poolOf) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const server = new FakePostgres();
    const store = postgresStore(poolOf(server), 'k');
    let told = 0;
    const stop = store.watch?.(() => told++);
    await store.save(record(1), 0);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toBe(1);
    server.state = 'failing';
    await vi.advanceTimersByTimeAsync(5_000);
    server.mend();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toBe(1);
    await store.save(record(2), 1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toBe(2);
    stop?.();
    expect(vi.getTimerCount()).toBe(0);
    expect(server.connections).toEqual([]);
  });

  it.each([
    [{}, 'k', undefined, /^pool:/],
    [undefined, 'k', undefined, /^pool:/],
    [pgPool(new FakePostgres()), '', undefined, /^key:/],
    [pgPool(new FakePostgres()), 'k', { leaseMs: 1 }, /^leaseMs:/],
    [pgPool(new FakePostgres()), 'k', { table: 'a; DROP TABLE b' }, /^table:/],
    [pgPool(new FakePostgres()), 'k', { table: '"a"' }, /^table:/],
    [pgPool(new FakePostgres()), 'k', { table: 'a.b.c' }, /^table:/],
    [pgPool(new FakePostgres()), 'k', { table: '' }, /^table:/],
    [pgPool(new FakePostgres()), 'k', { table: 7 }, /^table:/],
    [pgPool(new FakePostgres()), 'k', { table: 'a'.repeat(64) }, /^table:/],
  ])('refuses what it cannot use: %#', (pool, key, options, says) => {
    const make = () => postgresStore(pool as never, key, options as never);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(says);
  });
});
