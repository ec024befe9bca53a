import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clientCredentialsGrant } from '../../src/oauth/index.js';
import type { SessionRecord } from '../../src/protocol/record.js';
import { createSession } from '../../src/session/session.js';
import type { TokenStore } from '../../src/session/store.js';
import { redisStore } from '../../src/stores/redis/index.js';
import { record } from '../stores/contract/tools.js';
import { revisionIn } from '../stores/revision-in.js';
import { services, startProvider } from '../support/oidc/index.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { type Client, clients, inMemory, REDIS } from './redis.js';
import { until } from './until.js';

const leaseMs = 1_500;
let places = 0;

describeServer(REDIS, 'redisStore at a Redis that fails', () => {
  let server: Running;
  let admin: Redis;
  const open: (() => unknown)[] = [];
  beforeAll(async () => {
    server = await startServer(REDIS, inMemory);
    admin = new Redis({ port: server.port });
    admin.on('error', () => {});
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    admin?.disconnect();
    await server?.stop();
  });

  describe.each(Object.entries(clients))('%s', (_, connect) => {
    const storeAt = async (key: string): Promise<TokenStore & { readonly at: Client }> => {
      const at = await connect(server);
      open.push(() => at.cut());
      const store = redisStore(at.client, key, { leaseMs });
      open.push(() => store.close?.());
      return { ...store, at };
    };

    it('gives one of fifty sessions the turn while all connections are killed, and refreshes once', async () => {
      const key = `killed-${++places}`;
      let refreshes = 0;
      const sessions = await Promise.all(
        Array.from({ length: 10 }, async () =>
          createSession({
            store: await storeAt(key),
            refresh: async () => {
              refreshes++;
              await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
              await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
              await pause(100);
              return { accessToken: 'at-2', refreshToken: 'rt-2', expiresIn: 300 };
            },
          }),
        ),
      );
      open.push(() => Promise.all(sessions.map((session) => session.close())));
      await put(key, textOf(expired(1)));
      const calls = sessions.flatMap((session) => Array.from({ length: 5 }, () => session.token()));
      const results = await Promise.allSettled(calls);
      const failed = results.filter((result) => result.status === 'rejected');
      for (const { reason } of failed) expect((reason as Error).name).toBe('RefreshUnavailableError');
      expect(failed.length).toBeLessThan(50);
      expect(refreshes).toBe(1);
      expect((await sessions[0]?.token())?.accessToken).toBe('at-2');
    });

    it('tells who watches after the connection was killed, and of what was saved meanwhile', async () => {
      const key = `watched-${++places}`;
      const [a, b] = [await storeAt(key), await storeAt(key)];
      let told = 0;
      b.watch?.(() => told++);
      await until(() => told === 1);
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(() => told === 2);
      expect(await a.save(record(1), 0)).toBe(true);
      await until(() => told === 3);
    });

    it('goes on with a Redis that was restarted and is empty: what is held is put back', async () => {
      const key = `restarted-${++places}`;
      const store = await storeAt(key);
      const session = createSession({ store, refresh: async () => null });
      open.push(() => session.close());
      await session.signIn({ accessToken: 'at-1', refreshToken: 'rt-1', expiresIn: 300 });
      await server.stop();
      server = await startServer(REDIS, inMemory, server.port);
      await until(async () => JSON.parse((await stored(key)) ?? '{}').tokens);
      expect(await store.load()).toMatchObject({ tokens: { accessToken: 'at-1', refreshToken: 'rt-1' } });
      expect(session.getSnapshot().status).toBe('signed-in');
    });

    it('puts what is held over an older copy, as a failover leaves it', async () => {
      const key = `older-${++places}`;
      const store = await storeAt(key);
      const session = createSession({ store, refresh: async () => null });
      open.push(() => session.close());
      await session.signIn({ accessToken: 'at-1', refreshToken: 'rt-1', expiresIn: 300 });
      const old = (await stored(key)) as string;
      const { v: _, ...held } = JSON.parse(old) as SessionRecord & { v: number };
      const tokens = { accessToken: 'at-2', refreshToken: 'rt-2' };
      const newer = { ...held, tokens, revision: held.revision + 1, generation: held.generation + 1 };
      expect(await store.save(newer, held.revision)).toBe(true);
      await until(async () => (await session.token()).accessToken === 'at-2');
      await put(key, old);
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(async () => (await store.load())?.tokens?.refreshToken === 'rt-2');
    });

    it('puts nothing back over a tombstone', async () => {
      const key = `ended-${++places}`;
      const session = createSession({ store: await storeAt(key), refresh: async () => null });
      open.push(() => session.close());
      await session.signIn({ accessToken: 'at-1', refreshToken: 'rt-1', expiresIn: 300 });
      const other = await storeAt(key);
      const held = (await other.load()) as SessionRecord;
      const { id, generation, boundTo } = held;
      const end: SessionRecord = {
        id,
        generation,
        boundTo,
        revision: held.revision + 1,
        ended: 'signed-out',
      };
      expect(await other.save(end, held.revision)).toBe(true);
      await until(() => session.getSnapshot().status === 'signed-out');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await pause(400);
      expect(await other.load()).toEqual(end);
    });

    it('fails in time where Redis is gone, and ends nobody’s session', async () => {
      const key = `gone-${++places}`;
      const session = createSession({ store: await storeAt(key), refresh: async () => null });
      open.push(() => session.close());
      await put(key, textOf(expired(1)));
      await session.ready();
      await server.stop();
      const began = Date.now();
      await expect(session.token()).rejects.toMatchObject({ name: 'RefreshUnavailableError' });
      expect(Date.now() - began).toBeLessThan(9_000);
      expect(session.getSnapshot().status).toBe('signed-in');
      server = await startServer(REDIS, inMemory, server.port);
    });

    it('gives a fleet one token of clientCredentialsGrant, renewed by one, and asks the store for nothing meanwhile', async () => {
      const provider = await startProvider({ accessTokenTtl: 3 });
      open.push(() => provider.stop());
      const key = `service-${++places}`;
      const acquire = clientCredentialsGrant({ issuer: provider.issuer, ...services.basic });
      const sessions = await Promise.all(
        Array.from({ length: 8 }, async () => createSession({ acquire, store: await storeAt(key) })),
      );
      open.push(() => Promise.all(sessions.map((session) => session.close())));
      const tokens = () => Promise.all(sessions.map(async (session) => (await session.token()).accessToken));
      const first = await tokens();
      expect(new Set(first).size).toBe(1);
      expect(provider.counts.byGrant).toEqual({ client_credentials: 1 });
      await pause(200);
      const before = await evals();
      for (let i = 0; i < 50; i++) expect(await tokens()).toEqual(first);
      expect(await evals()).toBe(before);
      // early: the token is good for some time yet
      await pause(1_900);
      for (let i = 0; i < 20; i++) await Promise.all([tokens(), pause(25)]);
      const next = await tokens();
      expect(new Set(next).size).toBe(1);
      expect(next[0]).not.toBe(first[0]);
      expect(provider.counts.byGrant).toEqual({ client_credentials: 2 });
    });
  });

  const put = (key: string, text: string) =>
    admin.hset(`latchkey:{${key}}`, { revision: revisionIn(text), record: text });
  const stored = (key: string) => admin.hget(`latchkey:{${key}}`, 'record');
  const evals = async () => /cmdstat_eval:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1];
});

const expired = (revision: number): SessionRecord => ({
  ...record(revision),
  mintedAt: Date.now() - 60_000,
  expiresAt: Date.now() - 30_000,
});
const textOf = (held: SessionRecord) => JSON.stringify({ v: 1, ...held });
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
