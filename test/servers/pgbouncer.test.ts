import pg from 'pg';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSession } from '../../src/session/session.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { record } from '../stores/contract/tools.js';
import { storeContract } from '../stores/contract.js';
import { describeServer, type Program, type Running, startServer } from '../support/server-process.js';
import { AS_NOBODY, addressOf, cluster, POSTGRES, type Pooled } from './postgres.js';

const PGBOUNCER: Program = { name: 'pgbouncer', packages: ['pgbouncer'] };
const leaseMs = 600;
let places = 0;

const pools = {
  pg(port: number): Pooled {
    const pool = new pg.Pool({ ...addressOf({ port }), max: 3 });
    pool.on('error', () => {});
    return { pool, end: () => pool.end() };
  },
  // as its documentation asks for
  'postgres.js'(port: number): Pooled {
    const sql = postgres({ ...addressOf({ port }), max: 3, prepare: false, fetch_types: false });
    return { pool: sql, end: () => sql.end({ timeout: 1 }) };
  },
};

describeServer(POSTGRES, 'postgresStore behind PgBouncer', () => {
  describeServer(PGBOUNCER, 'that pools by transaction', () => {
    let server: Running;
    let bouncer: Running;
    let admin: pg.Client;
    const open: Pooled[] = [];
    beforeAll(async () => {
      server = await startServer(POSTGRES, cluster);
      admin = new pg.Client(addressOf(server));
      admin.on('error', () => {});
      await admin.connect();
      await postgresStore(admin, 'any').migrate();
      bouncer = await startServer(PGBOUNCER, {
        files: ({ folder, port }) => ({
          'users.txt': '"app" ""\n',
          'pgbouncer.ini': `[databases]
postgres = host=127.0.0.1 port=${server.port} user=app
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
auth_file = ${folder}/users.txt
pool_mode = transaction
default_pool_size = 2
`,
        }),
        through: AS_NOBODY,
        args: ({ folder }) => [`${folder}/pgbouncer.ini`],
        answers: cluster.answers as NonNullable<typeof cluster.answers>,
      });
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map(({ end }) => end()));
    });
    afterAll(async () => {
      await bouncer?.stop();
      await admin?.end();
      await server?.stop();
    });

    describe.each(Object.entries(pools))('%s', (_, poolOf) => {
      const pooled = () => {
        const made = poolOf(bouncer.port);
        open.push(made);
        return made.pool;
      };
      const make = async () => {
        const key = `place-${++places}`;
        return {
          a: postgresStore(pooled(), key, { leaseMs }),
          b: postgresStore(pooled(), key, { leaseMs }),
          key,
        };
      };
      // LISTEN says that it listens, and hears what it may: what is told there is not promised.
      const cases = storeContract(make, {
        lose: ({ key }) =>
          admin.query('UPDATE latchkey_sessions SET holder = NULL, until = NULL WHERE key = $1', [key]),
      }).filter(({ name }) => !/tells (who watches|everybody)/.test(name));
      for (const { name, run } of cases) it(name, run);

      it('refreshes once for two sessions that watch in vain', async () => {
        const key = `session-${++places}`;
        const now = Date.now();
        const stores = [pooled(), pooled()].map((pool) => postgresStore(pool, key, { leaseMs }));
        await stores[0]?.save({ ...record(1), mintedAt: now - 60_000, expiresAt: now - 30_000 }, 0);
        let refreshes = 0;
        const refresh = async () => {
          refreshes++;
          return { accessToken: 'at-2', refreshToken: 'rt-2', expiresIn: 300 };
        };
        const sessions = stores.map((store) => createSession({ store, refresh }));
        const tokens = await Promise.all(
          sessions.map(async (session) => (await session.token()).accessToken),
        );
        expect(tokens).toEqual(['at-2', 'at-2']);
        expect(refreshes).toBe(1);
        for (const session of sessions) await session.close();
      });
    });
  });
});
