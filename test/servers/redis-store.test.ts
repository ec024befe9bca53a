import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.js';
import { storeContract } from '../stores/contract.js';
import { revisionIn } from '../stores/revision-in.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { type Client, clients, inMemory, REDIS } from './redis.js';

const leaseMs = 600;
let places = 0;

describeServer(REDIS, 'redisStore at Redis', () => {
  let server: Running;
  let admin: Redis;
  const open: Client[] = [];
  beforeAll(async () => {
    server = await startServer(REDIS, inMemory);
    admin = new Redis({ port: server.port });
  });
  afterEach(() => {
    for (const { cut } of open.splice(0)) cut();
  });
  afterAll(async () => {
    admin?.disconnect();
    await server?.stop();
  });

  describe.each(Object.entries(clients))('%s', (_, connect) => {
    const make = async () => {
      const key = `place-${++places}`;
      const [first, second] = [await connect(server), await connect(server)];
      open.push(first, second);
      const store = ({ client }: Client) => redisStore(client, key, { leaseMs });
      return { a: store(first), b: store(second), first, at: `latchkey:{${key}}` };
    };
    const cases = storeContract(make, {
      put: ({ at }, text) => admin.hset(at, { revision: revisionIn(text), record: text }),
      fail: ({ first }) => {
        first.cut();
        return () => first.mend();
      },
      // CLIENT UNPAUSE would wait as well
      hang: async () => {
        await admin.client('PAUSE', 400, 'ALL');
        return () => admin.ping();
      },
      lose: ({ at }) => admin.del(`${at}:turn`),
    });
    for (const { name, run } of cases) it(name, run);
  });
});
