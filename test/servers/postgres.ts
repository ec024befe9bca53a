import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import postgres from 'postgres';
import type { postgresStore } from '../../src/stores/postgres/index.js';
import type { Place, Program, Setup } from '../support/server-process.js';

/** Debian keeps one folder for each version. */
const VERSIONS = '/usr/lib/postgresql';

export const POSTGRES: Program = {
  name: 'postgres',
  packages: ['postgresql'],
  folders: existsSync(VERSIONS) ? readdirSync(VERSIONS).map((version) => join(VERSIONS, version, 'bin')) : [],
};

/** It refuses to run as root. */
const isRoot = process.getuid?.() === 0;
export const AS_NOBODY = isRoot ? ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups'] : [];

const quiet = { stdio: 'pipe' } as const;

/** A cluster of its own in a temporary folder, for the user `app`. */
export const cluster: Setup = {
  files: () => ({}),
  prepare({ folder }, binary) {
    if (isRoot) execFileSync('chown', ['nobody', folder], quiet);
    const [program = '', ...args] = [
      ...AS_NOBODY,
      join(dirname(binary), 'initdb'),
      ...['-D', `${folder}/data`, '-A', 'trust', '-U', 'app', '--no-sync', '--no-instructions'],
    ];
    execFileSync(program, args, { ...quiet, cwd: folder });
  },
  through: AS_NOBODY,
  args: ({ folder, port }) => [
    ...['-D', `${folder}/data`, '-h', '127.0.0.1', '-p', String(port), '-k', folder],
    ...['-c', 'fsync=off', '-c', 'max_connections=200'],
  ],
  async answers(place) {
    const client = new pg.Client(addressOf(place));
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('SELECT 1');
    } finally {
      await client.end().catch(() => {});
    }
  },
};

export const addressOf = ({ port }: Pick<Place, 'port'>) => ({
  host: '127.0.0.1',
  port,
  user: 'app',
  database: 'postgres',
});

/** A pool of one make, and how it is ended. */
export interface Pooled {
  readonly pool: Parameters<typeof postgresStore>[0];
  end(): Promise<unknown>;
}

export interface PoolOptions {
  readonly max?: number;
  readonly user?: string;
  /** The default isolation of its transactions. */
  readonly isolation?: string;
}

export const pools = {
  pg(place: Pick<Place, 'port'>, { max = 4, user = 'app', isolation }: PoolOptions = {}): Pooled {
    const options = isolation && { options: `-c default_transaction_isolation=${isolation}` };
    const pool = new pg.Pool({ ...addressOf(place), user, max, ...options });
    pool.on('error', () => {});
    return { pool, end: () => pool.end() };
  },
  'postgres.js'(place: Pick<Place, 'port'>, { max = 4, user = 'app', isolation }: PoolOptions = {}): Pooled {
    const connection = isolation ? { default_transaction_isolation: isolation } : {};
    const sql = postgres({
      ...addressOf(place),
      user,
      max,
      connection,
      onnotice: () => {},
      fetch_types: false,
    } as object);
    return { pool: sql, end: () => sql.end({ timeout: 1 }) };
  },
} as const;
