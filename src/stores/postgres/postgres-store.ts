import type { TokenStore } from '../../session/store.js';
import type { Encrypt } from '../encryption-keys.js';
import { leaseMsOf } from '../options.js';
import { type Row, recordTextOf } from '../record-text.js';
import { type Server, servedStore } from '../served-store.js';
import { channelOf } from './channel.js';
import { type PgLike, type PostgresJsLike, type Query, queryOf } from './client.js';
import { listenerOf } from './listening.js';
import { type Statements, statementsFor } from './statements.js';

/** Where a {@link postgresStore} keeps its rows, and how it takes turns. */
export interface PostgresStoreOptions {
  /**
   * How long a turn outlives its holder, in milliseconds; it is renewed at a third of that while it is used.
   * @default 30_000
   */
  readonly leaseMs?: number | undefined;
  /** The table, with its schema if need be. @default 'latchkey_sessions' */
  readonly table?: string | undefined;
  /**
   * Encrypts the record (AES-GCM), bound to table, key and the record's revision. Of several keys the first encrypts and every
   * one decrypts: what an old key decrypts is encrypted with the new one at the next save. A member that is there and
   * undefined is a TypeError. @default none: plain text
   */
  readonly encrypt?: Encrypt;
}

/** What {@link postgresStore} returns. */
export interface PostgresStore extends TokenStore {
  /** Creates the table where there is none; any number of processes may do so at once. */
  migrate(): Promise<void>;
}

/**
 * Keeps the record in Postgres, for a fleet that shares one sign-in: one of its processes renews the tokens, all hear
 * of them. Turns are a lease by the server's clock; every verb is one statement, and none holds a connection or a
 * transaction while tokens are fetched.
 *
 * @param pool A pool of pg, or the `sql` of postgres.js. It stays yours: `close()` ends only the listening.
 * @param key Names the sign-in: the key of its row.
 * @throws TypeError where the pool has neither shape, the key is empty, `leaseMs` is out of range, `table` is no name or
 * `encrypt` holds no usable key.
 * @example
 * ```ts
 * const store = postgresStore(new Pool(), 'token:orders');
 * await store.migrate();
 * const session = createSession({ acquire, store });
 * ```
 */
export function postgresStore(
  pool: PgLike | PostgresJsLike,
  key: string,
  options?: PostgresStoreOptions,
): PostgresStore {
  const leaseMs = leaseMsOf(key, options);
  const table = quoted(options?.table ?? 'latchkey_sessions');
  const query = queryOf(pool);
  const sql = statementsFor(table);
  const channel = channelOf(table, key);
  const verbs = verbsOf(query, sql, key, channel);
  const listen = listenerOf(pool, verbs.load);
  const format = recordTextOf(options, JSON.stringify(['postgres', table, key]));
  return {
    ...servedStore({ ...verbs, listen }, channel, leaseMs, format),
    async migrate() {
      await query(sql.migrate);
    },
  };
}

function verbsOf(query: Query, sql: Statements, key: string, channel: string): Omit<Server, 'listen'> {
  const write = async (statement: string, { text, revision }: Row, over: string) =>
    (await query(statement, key, text, String(revision), over, channel)).length > 0;
  return {
    lease: {
      take: async (holder, ms) => {
        const [row] = await query(sql.take, key, holder, String(ms));
        return row ? Number(row['ms']) : 1;
      },
      renew: async (holder, ms) => (await query(sql.renew, key, holder, String(ms))).length > 0,
      release: (holder) => query(sql.release, key, holder, channel),
    },
    async load() {
      const [row] = await query(sql.load, key);
      const [text, revision] = [row?.['record'], Number(row?.['revision'] ?? 0)];
      // the turn's row comes before the first record
      if (text === null || text === undefined) return undefined;
      return { revision, text: String(text) };
    },
    save: (next, ifRevision) => write(sql.save, next, String(ifRevision)),
    replace: (next, text) => write(sql.replace, next, text),
  };
}

const IDENTIFIER = /^[A-Za-z_]\w{0,62}$/;

function quoted(table: string): string {
  const parts = typeof table === 'string' ? table.split('.') : [];
  if (parts.length < 1 || parts.length > 2 || !parts.every((part) => IDENTIFIER.test(part)))
    throw new TypeError('table: must be a name of letters, digits and _, or two of them with a dot between');
  return parts.map((part) => `"${part}"`).join('.');
}
