import { afterAll, beforeAll, it } from 'vitest';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { describeServer, type Running, startServer } from '../support/server-process.js';
import { LONGEST_MS, runFleet } from './fleet.js';
import { expectOneSession } from './fleet-expect.js';
import { cluster, POSTGRES, type Pooled, pools } from './postgres.js';

describeServer(POSTGRES, 'a fleet over postgresStore', () => {
  let server: Running;
  let admin: Pooled;
  beforeAll(async () => {
    server = await startServer(POSTGRES, { ...cluster, longestLife: LONGEST_MS / 1_000 + 60 });
    admin = pools.pg(server);
    await postgresStore(admin.pool, 'any').migrate();
  });
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });

  it(
    'spends no refresh token twice that its holder lived to save, and waits no longer than the lease',
    async () => {
      const clients = ['pg', 'postgres.js'] as const;
      expectOneSession(
        await runFleet({ clients, port: server.port }, (key) => postgresStore(admin.pool, key)),
      );
    },
    LONGEST_MS + 60_000,
  );
});
