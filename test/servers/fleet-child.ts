import { createSession, isSignInRequired, type Session, type TokenStore } from 'latchkey/fetch';
import { refreshTokenGrant } from 'latchkey/oauth';
import { clock } from './fleet-clock.ts';

/** What the parent says to a process of the fleet. */
export interface Order {
  readonly name: string;
  readonly client: 'ioredis' | 'node-redis' | 'pg' | 'postgres.js';
  readonly port: number;
  readonly tokenEndpoint: string;
  readonly keys: readonly string[];
  readonly leaseMs: number;
  /** How often it stops itself when a token request is about to go out. */
  readonly latePosts: number;
}

/** What it says to the parent; instants by the clock that all processes of a machine share. */
export type Word =
  /** A call that waited long. */
  | { readonly type: 'waited'; readonly key: string; readonly from: number; readonly to: number }
  /** It lives, and what its calls came to since the last time. */
  | {
      readonly type: 'beat';
      readonly at: number;
      readonly calls: number;
      readonly failures: Readonly<Record<string, number>>;
    }
  | { readonly type: 'ended'; readonly key: string }
  | { readonly type: 'unreadable' }
  | { readonly type: 'turn'; readonly turn: string; readonly key: string; readonly at: number }
  | { readonly type: 'turn-lost'; readonly turn: string; readonly at: number }
  | { readonly type: 'turn-over'; readonly turn: string; readonly at: number }
  /** Its event loop stood still. */
  | { readonly type: 'still'; readonly from: number; readonly to: number }
  /** It stops itself now. */
  | { readonly type: 'stopping'; readonly at: number };

const LONG_MS = 250;
const BEAT_MS = 50;
const STILL_MS = 300;
const TELLING_MS = 250;

const say = (word: Word) => void (process.connected && process.send?.(word));
let calls = 0;
let failures: Record<string, number> = {};

async function storesOf({ client: make, port, leaseMs }: Order): Promise<(key: string) => TokenStore> {
  if (make === 'pg' || make === 'postgres.js') {
    const { postgresStore } = await import('latchkey/stores/postgres');
    const pool = await poolOf(make, port);
    return (key) => postgresStore(pool, key, { leaseMs });
  }
  const { redisStore } = await import('latchkey/stores/redis');
  if (make === 'ioredis') {
    const { Redis } = await import('ioredis');
    const client = new Redis({ port });
    client.on('error', () => {});
    return (key) => redisStore(client, key, { leaseMs });
  }
  const { createClient } = await import('redis');
  const client = createClient({ socket: { host: '127.0.0.1', port } });
  client.on('error', () => {});
  await client.connect();
  return (key) => redisStore(client, key, { leaseMs });
}

/** Few connections, whatever the number of sessions. */
async function poolOf(make: 'pg' | 'postgres.js', port: number) {
  const options = { host: '127.0.0.1', port, user: 'app', database: 'postgres', max: 3 };
  if (make === 'postgres.js') return (await import('postgres')).default(options);
  const { default: pg } = await import('pg');
  const pool = new pg.Pool(options);
  pool.on('error', () => {});
  return pool;
}

/** Asks for the token again and again, as requests would. */
async function use(session: Session, key: string): Promise<void> {
  for (;;) {
    const from = clock();
    try {
      await session.token();
    } catch (error) {
      const { name } = error as Error;
      failures[name] = (failures[name] ?? 0) + 1;
      if (isSignInRequired(error)) say({ type: 'ended', key });
    }
    calls++;
    const to = clock();
    if (to - from > LONG_MS) say({ type: 'waited', key, from, to });
    await new Promise((resolve) => setTimeout(resolve, 40 + Math.random() * 80));
  }
}

function heart(): void {
  let last = clock();
  setInterval(() => {
    const now = clock();
    if (now - last > STILL_MS) say({ type: 'still', from: last, to: now });
    last = now;
  }, BEAT_MS);
  setInterval(() => {
    say({ type: 'beat', at: clock(), calls, failures });
    [calls, failures] = [0, {}];
  }, TELLING_MS);
}

process.once('message', async (order: Order) => {
  heart();
  const storeFor = await storesOf(order);
  let turns = 0;
  for (const key of order.keys) {
    let current = '';
    const store = storeFor(key);
    const told: TokenStore = {
      ...store,
      turn: (task, options) =>
        store.turn(async (signal) => {
          const turn = `${order.name}/${++turns}`;
          current = turn;
          say({ type: 'turn', turn, key, at: clock() });
          signal.addEventListener('abort', () => say({ type: 'turn-lost', turn, at: clock() }));
          try {
            return await task(signal);
          } finally {
            say({ type: 'turn-over', turn, at: clock() });
          }
        }, options),
    };
    const refresh = refreshTokenGrant({
      tokenEndpoint: order.tokenEndpoint,
      clientId: 'spa',
      fetch: (input, init) => {
        const headers = new Headers(init?.headers);
        headers.set('x-turn', current);
        headers.set('x-sent', String(clock()));
        if (Math.random() < order.latePosts) {
          say({ type: 'stopping', at: clock() });
          process.kill(process.pid, 'SIGSTOP');
        }
        return fetch(input, { ...init, headers });
      },
    });
    const session = createSession({ refresh, store: told });
    session.on('store-degraded', ({ reason }) => reason === 'unreadable' && say({ type: 'unreadable' }));
    void use(session, key);
  }
});
process.once('disconnect', () => process.exit());
