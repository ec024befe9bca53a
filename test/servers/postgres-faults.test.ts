import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clientCredentialsGrant } from '../../src/oauth/index.js';
import { createSession } from '../../src/session/session.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { record } from '../stores/contract/tools.js';
import { services, startProvider } from '../support/oidc/index.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { addressOf, cluster, POSTGRES, pools } from './postgres.js';
import { until } from './until.js';

const leaseMs = 1_500;
let places = 0;

describeServer(POSTGRES, 'postgresStore at a Postgres that fails', () => {
  let server: Running;
  let admin: pg.Client;
  const open: (() => unknown)[] = [];
  beforeAll(async () => {
    server = await startServer(POSTGRES, cluster);
    admin = new pg.Client({ ...addressOf(server), application_name: 'admin' });
    admin.on('error', () => {});
    await admin.connect();
    await postgresStore(admin, 'any').migrate();
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });
  const terminate = () =>
    admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app' AND application_name <> 'admin'",
    );

  describe.each(Object.entries(pools))('%s', (_, poolOf) => {
    const poolHere = (max = 4) => {
      const pooled = poolOf(server, { max });
      open.push(pooled.end);
      return pooled.pool;
    };
    const storeAt = (key: string, pool = poolHere(), options: { leaseMs?: number } = { leaseMs }) => {
      const store = postgresStore(pool, key, options);
      open.push(() => store.close?.());
      return store;
    };
    const sessionAt = (
      key: string,
      pool: Parameters<typeof postgresStore>[0],
      refresh: () => Promise<object>,
      options?: { leaseMs?: number },
    ) => {
      const session = createSession({ store: storeAt(key, pool, options), refresh: refresh as never });
      open.push(() => session.close());
      return session;
    };
    const expired = () => ({ ...record(1), mintedAt: Date.now() - 60_000, expiresAt: Date.now() - 30_000 });
    const fresh = { accessToken: 'at-2', refreshToken: 'rt-2', expiresIn: 300 };

    it('refreshes once for fifty handlers over a pool of two connections, none of which a turn holds', async () => {
      const key = `pool-${++places}`;
      await storeAt(key).save(expired(), 0);
      let refreshes = 0;
      const pool = poolHere(2);
      const other = storeAt('other', pool);
      const sessions = Array.from({ length: 50 }, () =>
        sessionAt(
          key,
          pool,
          async () => {
            refreshes++;
            // the pool answers while tokens are fetched
            for (let i = 0; i < 5; i++) await other.load();
            return fresh;
          },
          {},
        ),
      );
      const results = await Promise.allSettled(sessions.map((session) => session.token()));
      const failed = results.filter((result) => result.status === 'rejected');
      // on a machine that is busy some may have waited for eight seconds
      for (const { reason } of failed) expect((reason as Error).name).toBe('RefreshUnavailableError');
      const tokens = results.flatMap((result) =>
        result.status === 'fulfilled' ? result.value.accessToken : [],
      );
      expect(new Set(tokens)).toEqual(new Set(['at-2']));
      expect(refreshes).toBe(1);
    });

    it('lets callers succeed, or fail for now, where every backend is terminated during a turn', async () => {
      const key = `terminated-${++places}`;
      await storeAt(key).save(expired(), 0);
      let refreshes = 0;
      const sessions = Array.from({ length: 5 }, () =>
        sessionAt(key, poolHere(2), async () => {
          refreshes++;
          await terminate();
          await pause(100);
          return fresh;
        }),
      );
      await Promise.all(sessions.map((session) => session.ready()));
      const calls = sessions.flatMap((session) => Array.from({ length: 10 }, () => session.token()));
      const results = await Promise.allSettled(calls);
      const failed = results.filter((result) => result.status === 'rejected');
      for (const { reason } of failed) expect((reason as Error).name).toBe('RefreshUnavailableError');
      expect(failed.length).toBeLessThan(50);
      expect(refreshes).toBe(1);
      expect((await sessions[0]?.token())?.accessToken).toBe('at-2');
    });

    it('tells who watches after its backend was terminated, and of what was saved meanwhile', async () => {
      const key = `watched-${++places}`;
      const [a, b] = [storeAt(key), storeAt(key)];
      let told = 0;
      b.watch?.(() => told++);
      await until(() => told === 1);
      await terminate();
      await until(() => told >= 2);
      const before = told;
      const written = async () => (await a.load()) !== undefined || (await a.save(record(1), 0));
      await until(() => written().catch(() => false));
      await until(() => told > before);
    });

    it('goes on after a restart, and ends nobody’s session meanwhile', async () => {
      const key = `restarted-${++places}`;
      const pool = poolHere();
      const session = sessionAt(key, pool, async () => fresh);
      await storeAt(key).save(expired(), 0);
      await session.ready();
      await terminate();
      await admin.query('ALTER TABLE latchkey_sessions RENAME TO gone');
      await expect(session.token()).rejects.toMatchObject({ name: 'RefreshUnavailableError' });
      expect(session.getSnapshot().status).toBe('signed-in');
      await admin.query('ALTER TABLE gone RENAME TO latchkey_sessions');
      await until(async () => (await session.token().catch(() => undefined))?.accessToken === 'at-2');
    });

    it('gives a fleet one token of clientCredentialsGrant, renewed by one', async () => {
      const provider = await startProvider({ accessTokenTtl: 3 });
      open.push(() => provider.stop());
      const key = `service-${++places}`;
      const acquire = clientCredentialsGrant({ issuer: provider.issuer, ...services.basic });
      const sessions = Array.from({ length: 8 }, () => createSession({ acquire, store: storeAt(key) }));
      open.push(() => Promise.all(sessions.map((session) => session.close())));
      const tokens = () => Promise.all(sessions.map(async (session) => (await session.token()).accessToken));
      const first = await tokens();
      expect(new Set(first).size).toBe(1);
      await pause(2_200);
      for (let i = 0; i < 20; i++) await Promise.all([tokens(), pause(25)]);
      const next = await tokens();
      expect(new Set(next).size).toBe(1);
      expect(next[0]).not.toBe(first[0]);
      expect(provider.counts.byGrant).toEqual({ client_credentials: 2 });
    });
  });
});

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
