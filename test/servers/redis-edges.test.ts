import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSession } from '../../src/session/session.js';
import { redisStore } from '../../src/stores/redis/index.js';
import { failureOf, record } from '../stores/contract/tools.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { endOf } from './ends.js';
import { type Client, clients, inMemory, REDIS } from './redis.js';
import { until } from './until.js';
import { type Wire, wireTo } from './wire.js';

const leaseMs = 1_500;
let places = 0;

describeServer(REDIS, 'redisStore at the edges', () => {
  let server: Running;
  let admin: Redis;
  let wire: Wire;
  const open: (() => unknown)[] = [];
  beforeAll(async () => {
    server = await startServer(REDIS, inMemory);
    admin = new Redis({ port: server.port });
    wire = await wireTo(server.port);
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
    wire.mend();
  });
  afterAll(async () => {
    admin?.disconnect();
    await wire?.stop();
    await server?.stop();
  });

  describe.each(Object.entries(clients))('%s', (kind, connect) => {
    const clientAt = async (place: { port: number }): Promise<Client> => {
      const at = await connect(place);
      open.push(() => at.cut());
      return at;
    };
    const sessionAt = async (key: string, place: { port: number }, refresh: () => Promise<object>) => {
      const store = redisStore((await clientAt(place)).client, key, { leaseMs });
      const session = createSession({ store, refresh: refresh as never });
      open.push(() => session.close());
      return session;
    };
    const expired = (revision: number) => ({
      ...record(revision),
      mintedAt: Date.now() - 60_000,
      expiresAt: Date.now() - 30_000,
    });
    const seed = async (key: string) =>
      expect(await redisStore((await clientAt(server)).client, key).save(expired(1), 0)).toBe(true);

    it('lets a process end that closed its session and its client', async () => {
      expect(await endOf(kind, server.port)).toBe(0);
    });

    it('refreshes once over a wire that is slow', async () => {
      const key = `slow-${++places}`;
      await seed(key);
      wire.slow(60);
      let refreshes = 0;
      const sessions = await Promise.all(
        [1, 2, 3, 4].map(() =>
          sessionAt(key, wire, async () => {
            refreshes++;
            return { accessToken: 'at-2', refreshToken: 'rt-2', expiresIn: 300 };
          }),
        ),
      );
      const tokens = await Promise.all(
        sessions.flatMap((session) => [1, 2, 3].map(async () => (await session.token()).accessToken)),
      );
      expect(new Set(tokens)).toEqual(new Set(['at-2']));
      expect(refreshes).toBe(1);
    });

    it('keeps no caller waiting over a wire that swallows everything, posts nothing, and goes on', async () => {
      const key = `stalled-${++places}`;
      await seed(key);
      let refreshes = 0;
      const session = await sessionAt(key, wire, async () => {
        refreshes++;
        return { accessToken: 'at-2', refreshToken: 'rt-2', expiresIn: 300 };
      });
      await session.ready();
      wire.stall();
      const began = Date.now();
      const failed = await failureOf(() => session.token());
      expect(failed?.name).toBe('RefreshUnavailableError');
      expect(Date.now() - began).toBeLessThan(9_000);
      expect(refreshes).toBe(0);
      wire.mend();
      await until(async () => (await session.token().catch(() => undefined))?.accessToken === 'at-2', 15_000);
      expect(refreshes).toBe(1);
    });

    it('hears of nothing and ends nothing where listening is refused, and saves all the same', async () => {
      const key = `mute-${++places}`;
      const name = `mute${places}`;
      await admin.call('ACL', 'SETUSER', name, 'on', '>pw', '~latchkey:*', '+@all', 'resetchannels');
      const client =
        kind === 'ioredis'
          ? new Redis({ port: server.port, username: name, password: 'pw' })
          : createClient({ url: `redis://${name}:pw@127.0.0.1:${server.port}` });
      client.on('error', () => {});
      if (!(client instanceof Redis)) await client.connect();
      open.push(() => (client instanceof Redis ? client.disconnect() : client.destroy()));
      const store = redisStore(client, key);
      open.push(() => store.close?.());
      store.watch?.(() => {});
      expect(await store.save(record(1), 0)).toBe(true);
      expect(await store.turn(async () => store.save(record(2), 1))).toBe(true);
      expect(await store.load()).toEqual(record(2));
    });

    it('ends no process where the duplicate of the client cannot connect', async () => {
      const { client } = await clientAt(wire);
      const store = redisStore(client, `refused-${++places}`);
      wire.cut();
      const stop = store.watch?.(() => {});
      // longer than the first tries
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      stop?.();
      await store.close?.();
    });

    it('listens again after the wire was cut', async () => {
      const key = `cut-${++places}`;
      const store = redisStore((await clientAt(wire)).client, key);
      open.push(() => store.close?.());
      let told = 0;
      store.watch?.(() => told++);
      await until(() => told === 1);
      wire.cut();
      wire.mend();
      await until(() => told >= 2);
    });
  });

  it('says what is wrong where something else is at its key', async () => {
    const key = `taken-${++places}`;
    await admin.set(`latchkey:{${key}}`, 'mine');
    const failed = await failureOf(() => redisStore(admin, key).load());
    expect(failed?.message).toContain('WRONGTYPE');
  });

  it('goes with the prefix of its client', async () => {
    const client = new Redis({ port: server.port, keyPrefix: 'app:' });
    open.push(() => client.disconnect());
    const store = redisStore(client, 'prefixed');
    open.push(() => store.close?.());
    let told = 0;
    store.watch?.(() => told++);
    await until(() => told === 1);
    expect(await store.turn(async () => store.save(record(1), 0))).toBe(true);
    await until(() => told === 2);
    expect(await admin.exists('app:latchkey:{prefixed}')).toBe(1);
  });
});
