import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSession } from '../../src/session/session.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { failureOf, record } from '../stores/contract/tools.js';
import { storeContract } from '../stores/contract.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { endOf } from './ends.js';
import { addressOf, cluster, POSTGRES, type PoolOptions, pools } from './postgres.js';
import { until } from './until.js';
import { type Wire, wireTo } from './wire.js';

const leaseMs = 1_500;
let places = 0;

describeServer(POSTGRES, 'postgresStore at the edges', () => {
  let server: Running;
  let admin: pg.Client;
  let wire: Wire;
  const open: (() => unknown)[] = [];
  beforeAll(async () => {
    server = await startServer(POSTGRES, cluster);
    admin = new pg.Client(addressOf(server));
    admin.on('error', () => {});
    await admin.connect();
    await postgresStore(admin, 'any').migrate();
    wire = await wireTo(server.port);
  });
  afterEach(async () => {
    wire.mend();
    for (const close of open.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await admin?.end();
    await wire?.stop();
    await server?.stop();
  });

  describe.each(Object.entries(pools))('%s', (kind, poolOf) => {
    const poolAt = (place: { port: number }, options?: PoolOptions) => {
      const pooled = poolOf(place, options);
      open.push(() => Promise.race([pooled.end(), new Promise((resolve) => setTimeout(resolve, 2_000))]));
      return pooled.pool;
    };

    const make = async () => {
      const key = `serializable-${++places}`;
      const store = () => postgresStore(poolAt(server, { isolation: 'serializable' }), key, { leaseMs: 600 });
      return { a: store(), b: store() };
    };
    describe('where transactions are serializable', () => {
      for (const { name, run } of storeContract(make)) it(name, run);
    });

    it('lets a process end that closed its session and its pool', async () => {
      expect(await endOf(kind, server.port)).toBe(0);
    });

    it('migrates for a user who may create nothing, where the table is there', async () => {
      await admin.query(`DO $$ BEGIN CREATE USER clerk; EXCEPTION WHEN duplicate_object THEN END $$`);
      await admin.query('GRANT SELECT, INSERT, UPDATE ON latchkey_sessions TO clerk');
      const store = postgresStore(poolAt(server, { user: 'clerk' }), `clerk-${++places}`);
      await store.migrate();
      expect(await store.turn(async () => store.save(record(1), 0))).toBe(true);
      const refused = await failureOf(() =>
        postgresStore(poolAt(server, { user: 'clerk' }), 'k', { table: 'not_there' }).migrate(),
      );
      expect(refused?.message).toContain('SQLSTATE 42501');
    });

    it('says that the table is missing, and how it is created', async () => {
      const failed = await failureOf(() => postgresStore(poolAt(server), 'k', { table: 'missing' }).load());
      expect(failed?.message).toContain('migrate()');
    });

    it('keeps no caller waiting over a wire that swallows everything, posts nothing, and goes on', async () => {
      const key = `stalled-${++places}`;
      await postgresStore(poolAt(server), key).save(
        { ...record(1), mintedAt: Date.now() - 60_000, expiresAt: Date.now() - 30_000 },
        0,
      );
      let refreshes = 0;
      const refresh = async () => {
        refreshes++;
        return { accessToken: 'at-2', refreshToken: 'rt-2', expiresIn: 300 };
      };
      const session = createSession({ store: postgresStore(poolAt(wire), key, { leaseMs }), refresh });
      open.push(() => session.close());
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

    it('listens again after the wire was cut, and ends no process meanwhile', async () => {
      const store = postgresStore(poolAt(wire), `cut-${++places}`);
      open.push(() => store.close?.());
      let told = 0;
      store.watch?.(() => told++);
      await until(() => told === 1);
      wire.cut();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      wire.mend();
      await until(() => told >= 2, 15_000);
    });

    it('goes on where listening cannot begin, and listens once it can', async () => {
      const pool = poolAt(wire);
      wire.cut();
      const store = postgresStore(pool, `late-${++places}`);
      open.push(() => store.close?.());
      let told = 0;
      store.watch?.(() => told++);
      await new Promise((resolve) => setTimeout(resolve, 500));
      wire.mend();
      await until(() => told >= 1, 15_000);
    });
  });
});
