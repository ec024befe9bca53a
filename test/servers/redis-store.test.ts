import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { type Encrypt, redisStore } from '../../src/stores/redis/index.js';
import { storeContract } from '../stores/contract.js';
import { revisionIn } from '../stores/revision-in.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { type Client, clients, inMemory, REDIS } from './redis.js';

const leaseMs = 600;
const [oldKey, newKey] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
/** Two processes while the key is rotated. */
const rotation = [
  [newKey, oldKey],
  [oldKey, newKey],
] as const;
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

  describe.each(
    Object.entries(clients).flatMap(([name, connect]) => [
      [name, connect, undefined] as const,
      [`${name}, encrypted`, connect, rotation] as const,
    ]),
  )('%s', (_, connect, encrypt) => {
    const make = async () => {
      const key = `place-${++places}`;
      const [first, second] = [await connect(server), await connect(server)];
      open.push(first, second);
      const store = ({ client }: Client, i: number) =>
        redisStore(client, key, { leaseMs, ...(encrypt && { encrypt: encrypt[i] as Encrypt }) });
      return { a: store(first, 0), b: store(second, 1), first, at: `latchkey:{${key}}` };
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
