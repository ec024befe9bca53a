import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { redisStore } from '../../src/stores/redis/index.js';
import type { Place, Program, Setup } from '../support/server-process.js';

export const REDIS: Program = { name: 'redis-server', packages: ['redis-server'] };

/** Nothing is kept on disk: after a restart it is empty, like a replica that heard of nothing. */
export const inMemory: Setup = {
  files: () => ({}),
  args: ({ folder, port }) =>
    `--bind 127.0.0.1 --port ${port} --dir ${folder} --appendonly no --save`.split(' ').concat(''),
  answers: async ({ port }) => {
    const client = new Redis({ port, lazyConnect: true, retryStrategy: null });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.ping();
    } finally {
      client.disconnect();
    }
  },
};

type StoreClient = Parameters<typeof redisStore>[0];

/** A client of one make, and what a test does to it. */
export interface Client {
  readonly client: StoreClient;
  /** It refuses every command. */
  cut(): unknown;
  mend(): Promise<unknown>;
}

const io = async ({ port }: Pick<Place, 'port'>): Promise<Client> => {
  const client = new Redis({ port });
  client.on('error', () => {});
  await client.ping();
  return { client, cut: () => client.disconnect(), mend: () => client.connect() };
};

const node = async ({ port }: Pick<Place, 'port'>): Promise<Client> => {
  const client = createClient({ socket: { host: '127.0.0.1', port } });
  client.on('error', () => {});
  await client.connect();
  return { client, cut: () => client.isOpen && client.destroy(), mend: () => client.connect() };
};

export const clients = { ioredis: io, 'node-redis': node } as const;
