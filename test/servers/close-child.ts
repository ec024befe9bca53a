import { createSession, type TokenStore } from 'latchkey/fetch';

/** Ends by itself once its session is closed and its client is ended, or not at all. */
const [kind = '', port = ''] = process.argv.slice(2);

async function storeOf(): Promise<{ store: TokenStore; end(): unknown }> {
  if (kind === 'pg' || kind === 'postgres.js') {
    const { postgresStore } = await import('latchkey/stores/postgres');
    const options = { host: '127.0.0.1', port: Number(port), user: 'app', database: 'postgres', max: 2 };
    if (kind === 'pg') {
      const { default: pg } = await import('pg');
      const pool = new pg.Pool(options);
      return { store: postgresStore(pool, `closing-${kind}`), end: () => pool.end() };
    }
    const { default: postgres } = await import('postgres');
    const sql = postgres(options);
    return { store: postgresStore(sql, `closing-${kind}`), end: () => sql.end() };
  }
  const { redisStore } = await import('latchkey/stores/redis');
  if (kind === 'ioredis') {
    const { Redis } = await import('ioredis');
    const client = new Redis({ port: Number(port) });
    return { store: redisStore(client, `closing-${kind}`), end: () => client.quit() };
  }
  const { createClient } = await import('redis');
  const client = createClient({ socket: { host: '127.0.0.1', port: Number(port) } });
  await client.connect();
  return { store: redisStore(client, `closing-${kind}`), end: () => client.close() };
}

const { store, end } = await storeOf();
let answers = 0;
const fresh = async () => ({ accessToken: `at-${++answers}`, refreshToken: 'rt', expiresIn: 60 });
const session = createSession({ store, acquire: fresh, refresh: fresh });
await session.token();
// what listens has been opened by then
await new Promise((resolve) => setTimeout(resolve, 300));
await session.close();
await end();
process.exitCode = answers === 1 ? 0 : 1;
