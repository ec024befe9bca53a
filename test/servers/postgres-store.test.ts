import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Encrypt, postgresStore } from '../../src/stores/postgres/index.js';
import type { Handles } from '../stores/contract/tools.js';
import { storeContract } from '../stores/contract.js';
import { revisionIn } from '../stores/revision-in.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { addressOf, cluster, POSTGRES, type Pooled, pools } from './postgres.js';

const leaseMs = 600;
const [oldKey, newKey] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
/** Two processes while the key is rotated. */
const rotation = [
  [newKey, oldKey],
  [oldKey, newKey],
] as const;
let places = 0;

interface Made extends Handles {
  readonly key: string;
}

describeServer(POSTGRES, 'postgresStore at Postgres', () => {
  let server: Running;
  let admin: pg.Client;
  const open: Pooled[] = [];
  beforeAll(async () => {
    server = await startServer(POSTGRES, cluster);
    admin = new pg.Client(addressOf(server));
    admin.on('error', () => {});
    await admin.connect();
    await postgresStore(admin, 'any').migrate();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ end }) => end()));
  });
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });

  describe.each(
    Object.entries(pools).flatMap(([name, poolOf]) => [
      [name, poolOf, undefined] as const,
      [`${name}, encrypted`, poolOf, rotation] as const,
    ]),
  )('%s', (_, poolOf, encrypt) => {
    const make = async (): Promise<Made> => {
      const key = `place-${++places}`;
      const [first, second] = [poolOf(server), poolOf(server)];
      open.push(first, second);
      const store = ({ pool }: Pooled, i: number) =>
        postgresStore(pool, key, { leaseMs, ...(encrypt && { encrypt: encrypt[i] as Encrypt }) });
      return { a: store(first, 0), b: store(second, 1), key };
    };
    const cases = storeContract<Made>(make, {
      put: ({ key }, text) =>
        admin.query(
          'INSERT INTO latchkey_sessions AS held (key, record, revision) VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET record = $2, revision = $3',
          [key, text.replaceAll('\u0000', ''), revisionIn(text)],
        ),
      fail: async () => {
        await admin.query('ALTER TABLE latchkey_sessions RENAME TO elsewhere');
        return () => admin.query('ALTER TABLE elsewhere RENAME TO latchkey_sessions');
      },
      hang: async () => {
        await admin.query('BEGIN; LOCK TABLE latchkey_sessions IN ACCESS EXCLUSIVE MODE');
        return () => admin.query('COMMIT');
      },
      lose: ({ key }) =>
        admin.query('UPDATE latchkey_sessions SET holder = NULL, until = NULL WHERE key = $1', [key]),
    });
    for (const { name, run } of cases) it(name, run);

    it('migrates once, whoever asks, ten at a time', async () => {
      const table = `moved_${++places}`;
      const stores = Array.from({ length: 10 }, () => {
        const pooled = poolOf(server, { max: 1 });
        open.push(pooled);
        return postgresStore(pooled.pool, 'k', { table });
      });
      await Promise.all(stores.map((store) => store.migrate()));
      await stores[0]?.migrate();
      expect(await stores[1]?.load()).toBeUndefined();
    });
  });
});
