import { Cluster, Redis } from 'ioredis';
import { createCluster } from 'redis';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.js';
import { storeContract } from '../stores/contract.js';
import { revisionIn } from '../stores/revision-in.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { inMemory, REDIS } from './redis.js';
import { until } from './until.js';

const leaseMs = 600;
let places = 0;

type StoreClient = Parameters<typeof redisStore>[0];
interface Opened {
  readonly client: StoreClient;
  end(): unknown;
}

const clients = {
  async ioredis(port: number): Promise<Opened> {
    const client = new Cluster([{ host: '127.0.0.1', port }]);
    client.on('error', () => {});
    return { client, end: () => client.disconnect() };
  },
  async 'node-redis'(port: number): Promise<Opened> {
    const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] });
    client.on('error', () => {});
    await client.connect();
    return { client, end: () => client.destroy() };
  },
};

describeServer(REDIS, 'redisStore at a Redis Cluster', () => {
  let server: Running;
  let admin: Redis;
  const open: Opened[] = [];
  beforeAll(async () => {
    server = await startServer(REDIS, {
      ...inMemory,
      // a node that has met no other one does not know its own address
      args: (place) => [
        ...inMemory.args(place),
        ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
      ],
    });
    admin = new Redis({ port: server.port });
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await until(async () => String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  });
  afterEach(async () => {
    for (const { end } of open.splice(0)) await end();
  });
  afterAll(async () => {
    admin?.disconnect();
    await server?.stop();
  });

  describe.each(Object.entries(clients))('%s', (_, connect) => {
    const make = async () => {
      const key = `place-${++places}`;
      const [first, second] = [await connect(server.port), await connect(server.port)];
      open.push(first, second);
      const store = ({ client }: Opened) => redisStore(client, key, { leaseMs });
      return { a: store(first), b: store(second), at: `latchkey:{${key}}` };
    };
    const cases = storeContract(make, {
      put: ({ at }, text) => admin.hset(at, { revision: revisionIn(text), record: text }),
      lose: ({ at }) => admin.del(`${at}:turn`),
    });
    for (const { name, run } of cases) it(name, run);
  });
});
