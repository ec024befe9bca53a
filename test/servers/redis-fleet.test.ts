import { Redis } from 'ioredis';
import { afterAll, beforeAll, it } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { LONGEST_MS, runFleet } from './fleet.js';
import { expectOneSession } from './fleet-expect.js';
import { inMemory, REDIS } from './redis.js';

describeServer(REDIS, 'a fleet over redisStore', () => {
  let server: Running;
  let admin: Redis;
  beforeAll(async () => {
    server = await startServer(REDIS, { ...inMemory, longestLife: LONGEST_MS / 1_000 + 60 });
    admin = new Redis({ port: server.port });
  });
  afterAll(async () => {
    admin?.disconnect();
    await server?.stop();
  });

  it(
    'spends no refresh token twice that its holder lived to save, and waits no longer than the lease',
    async () => {
      const clients = ['ioredis', 'node-redis'] as const;
      expectOneSession(await runFleet({ clients, port: server.port }, (key) => redisStore(admin, key)));
    },
    LONGEST_MS + 60_000,
  );
});
