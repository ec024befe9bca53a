import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Encrypt, redisStore } from '../../../src/stores/redis/index.js';
import { failureOf, type Handles, record } from '../contract/tools.js';
import { storeContract } from '../contract.js';
import { revisionIn } from '../revision-in.js';
import { FakeRedis, IoClient, NodeClient } from './fake-redis.js';

const shapes = [
  ['ioredis', (server: FakeRedis) => new IoClient(server)],
  ['ioredis with lazyConnect', (server: FakeRedis) => new IoClient(server, true)],
  ['node-redis', (server: FakeRedis) => new NodeClient(server)],
] as const;
interface Made extends Handles {
  readonly server: FakeRedis;
}

const [oldKey, newKey] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const turn = async () => {};

afterEach(() => {
  vi.useRealTimers();
});

describe('redisStore', () => {
  describe.each(shapes)('%s', (_, clientOf) => {
    const make = async (): Promise<Made> => {
      const server = new FakeRedis();
      const store = () => redisStore(clientOf(server), 'k', { leaseMs: 300 });
      return { a: store(), b: store(), server };
    };
    const into = (state: FakeRedis['state']) => (made: Made) => {
      made.server.state = state;
      return () => made.server.mend();
    };
    const cases = storeContract<Made>(make, {
      put: ({ server }, text) =>
        server.records.set('latchkey:{k}', { revision: String(revisionIn(text)), record: text }),
      fail: into('failing'),
      hang: into('hanging'),
      lose: ({ server }) => server.lapse('latchkey:{k}:turn'),
    });
    for (const { name, run } of cases) it(name, run);

    it('encrypts the record where keys are given, and compares revisions without them', async () => {
      const server = new FakeRedis();
      const store = (encrypt: Encrypt) => redisStore(clientOf(server), 'k', { encrypt });
      const [a, b] = [store([newKey, oldKey]), store([oldKey, newKey])];
      expect(await a.save(record(1), 0)).toBe(true);
      expect(server.records.get('latchkey:{k}')?.record).toMatch(/^latchkey-sealed-1\.1\./);
      expect(await b.load()).toEqual(record(1));
      expect(await b.save(record(2), 0)).toBe(false);
      expect(await b.save(record(2), 1)).toBe(true);
      expect(await a.load()).toEqual(record(2));
      expect(inspect([a, server.records], { depth: 9 })).not.toMatch(/accessToken|refreshToken/);
    });

    it('loses nothing that no key opens, or that stands at another key or revision', async () => {
      const server = new FakeRedis();
      const store = (key: string, encrypt: Encrypt) => redisStore(clientOf(server), key, { encrypt });
      await store('k', oldKey).save(record(1), 0);
      const unopened = { name: 'UnopenedRecordError' };
      const wrong = store('k', newKey);
      await expect(wrong.load()).rejects.toMatchObject(unopened);
      await expect(wrong.save(record(9), 0)).rejects.toMatchObject(unopened);
      const row = server.records.get('latchkey:{k}') as { revision: string; record: string };
      server.records.set('latchkey:{other}', row);
      await expect(store('other', oldKey).load()).rejects.toMatchObject(unopened);
      server.records.set('latchkey:{k}', { ...row, revision: '7' });
      await expect(store('k', oldKey).load()).rejects.toMatchObject(unopened);
      server.records.set('latchkey:{k}', row);
      expect(await store('k', oldKey).load()).toEqual(record(1));
    });

    it('listens on one connection for all stores over the client, from the first who watches to the last', async () => {
      const server = new FakeRedis();
      const client = clientOf(server);
      const told = [0, 0, 0];
      const stores = ['k', 'other', 'k'].map((key) => redisStore(client, key));
      const watch = (i: number) => stores[i]?.watch?.(() => (told[i] = (told[i] ?? 0) + 1));
      const stops = [watch(0)];
      await vi.waitFor(() => expect(told).toEqual([1, 0, 0]), 10_000);
      stops.push(watch(1), watch(2));
      await vi.waitFor(() => expect(told).toEqual([1, 1, 1]), 10_000);
      await stores[0]?.save(record(1), 0);
      await vi.waitFor(() => expect(told).toEqual([2, 1, 2]), 10_000);
      const [own] = server.subscribers;
      stops[1]?.();
      await vi.waitFor(() => expect([...(own?.subscribed.keys() ?? [])]).toEqual(['latchkey:{k}']), 10_000);
      await stores[1]?.save(record(1), 0);
      stops[0]?.();
      stops[2]?.();
      expect(server.subscribers).toHaveLength(1);
      expect(own).toMatchObject(own instanceof IoClient ? { status: 'end' } : { isOpen: false });
      // an error of what is closed ends no process
      own?.emit('error', new Error('late'));
      expect(told).toEqual([2, 1, 2]);
      watch(0);
      expect(server.subscribers).toHaveLength(2);
      for (const store of stores) await store.close?.();
      expect(stores[0]?.watch?.(() => {})).toBeTypeOf('function');
      expect(server.subscribers).toHaveLength(2);
    });

    it('tells who watches when it hears, and after every reconnect', async () => {
      const { a, server } = await make();
      let told = 0;
      a.watch?.(() => told++);
      await vi.waitFor(() => expect(told).toBe(1), 10_000);
      server.subscribers[0]?.reconnect();
      await vi.waitFor(() => expect(told).toBe(2), 10_000);
      await a.close?.();
    });

    it('opens the subscription anew where its connection ended for good', async () => {
      const { a, server } = await make();
      let told = 0;
      a.watch?.(() => told++);
      await vi.waitFor(() => expect(told).toBe(1), 10_000);
      server.subscribers[0]?.emit('end');
      await vi.waitFor(() => expect(told).toBe(2), 10_000);
      expect(server.subscribers).toHaveLength(2);
      await a.close?.();
    });

    it('goes on without a subscription that is refused, and tries again later and later', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
      const server = new FakeRedis();
      const client = clientOf(server);
      client.refuses = true;
      const store = redisStore(client, 'k');
      store.watch?.(() => {});
      expect(await store.save(record(1), 0)).toBe(true);
      for (let i = 0; i < 300; i++) {
        await vi.advanceTimersByTimeAsync(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(server.subscribers.length).toBeGreaterThan(8);
      expect(server.subscribers.length).toBeLessThan(30);
      await store.close?.();
    });

    it('goes on where the client makes no duplicate', async () => {
      const server = new FakeRedis();
      const client = Object.assign(clientOf(server), {
        duplicate: () => {
          throw new Error('no');
        },
      });
      const store = redisStore(client, 'k');
      const stop = store.watch?.(() => {});
      expect(await store.save(record(1), 0)).toBe(true);
      stop?.();
    });

    it('answers in time where the client never does', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
      const server = new FakeRedis();
      server.state = 'hanging';
      const store = redisStore(clientOf(server), 'k');
      const failing = [() => store.load(), () => store.save(record(1), 0), () => store.turn(turn)].map(
        failureOf,
      );
      await vi.advanceTimersByTimeAsync(10_001);
      for (const failed of await Promise.all(failing)) expect(failed?.name).toBe('RefreshUnavailableError');
    });

    it('says how Redis calls its error, and nothing of what it says besides', async () => {
      const server = new FakeRedis();
      const client = clientOf(server);
      const eval_ = async () => {
        throw new Error("NOPERM User app has no permissions to run 'eval' with rt-1");
      };
      const store = redisStore(Object.assign(client, { eval: eval_ }), 'k');
      const failed = await failureOf(() => store.save(record(1), 0));
      expect(failed?.message).toBe('Redis did not answer as it should (NOPERM)');
    });

    it('tells nothing of the client’s own errors: they hold what was written', async () => {
      const { a, server } = await make();
      server.state = 'failing';
      for (const verb of [() => a.load(), () => a.save(record(1), 0), () => a.turn(turn)]) {
        const failed = await failureOf(verb);
        expect(failed?.name).toBe('RefreshUnavailableError');
        expect(inspect(failed, { depth: 9, showHidden: true })).not.toMatch(/rt-1|ECONNRESET/);
      }
    });
  });

  it('keeps all keys of a sign-in in one slot of a cluster, whatever it is called', async () => {
    const server = new FakeRedis();
    for (const key of ['orders', '{a}b', '}', 'a}b', '100%7D']) {
      const store = redisStore(new IoClient(server), key);
      await store.save(record(1), 0);
      await store.turn(turn);
    }
    const tags = server.keys.map((key) => /\{(.*?)\}/.exec(key)?.[1]);
    expect(tags.every(Boolean)).toBe(true);
    expect(new Set(tags).size).toBe(5);
    expect(new Set(server.keys).size).toBe(10);
  });

  it('writes over what only latchkey can tell to be unreadable, and over nothing else', async () => {
    const server = new FakeRedis();
    const store = redisStore(new IoClient(server), 'k');
    server.records.set('latchkey:{k}', {
      revision: '4',
      record: JSON.stringify({ v: 1, revision: 4, tokens: 7 }),
    });
    expect(await store.save(record(1), 0)).toBe(true);
    expect(await store.load()).toEqual(record(1));
    expect(await store.save(record(9), 0)).toBe(false);
  });

  it.each([
    [{}, 'k', undefined, /^client:/],
    [undefined, 'k', undefined, /^client:/],
    [{ eval() {}, duplicate() {} }, 'k', undefined, /^client:/],
    [new IoClient(new FakeRedis()), '', undefined, /^key:/],
    [new IoClient(new FakeRedis()), 7, undefined, /^key:/],
    [new IoClient(new FakeRedis()), 'k', { leaseMs: 10 }, /^leaseMs:/],
    [new IoClient(new FakeRedis()), 'k', { leaseMs: Number.NaN }, /^leaseMs:/],
    [new IoClient(new FakeRedis()), 'k', { leaseMs: 1e9 }, /^leaseMs:/],
  ])('refuses what it cannot use: %#', (client, key, options, says) => {
    const make = () => redisStore(client as IoClient, key as string, options);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(says);
  });
});
