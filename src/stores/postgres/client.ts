import { RefreshUnavailableError } from '../../errors.js';
import { within } from '../../promise.js';
import { ANSWER_MS } from '../options.js';

/** A pool of pg, or what has its shape. */
export interface PgLike {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

/** The `sql` of postgres.js, or what has its shape. */
export interface PostgresJsLike {
  unsafe(text: string, values?: never[]): PromiseLike<readonly unknown[]>;
}

/** Runs one statement; of the client's own errors nothing is told, they may hold its values. */
export type Query = (text: string, ...values: readonly string[]) => Promise<readonly Row[]>;

type Row = Readonly<Record<string, unknown>>;

const TRIES = 5;
/** Where the default isolation is above READ COMMITTED, of two statements at once one is to be run again. */
const AGAIN = ['40001', '40P01'];
const UNDEFINED_TABLE = '42P01';

/** @throws TypeError where it has neither shape. */
export function queryOf(pool: PgLike | PostgresJsLike): Query {
  const { query, unsafe } = Object(pool);
  if (typeof unsafe !== 'function' && typeof query !== 'function')
    throw new TypeError('pool: must be a pool of pg or the sql of postgres.js');
  const ask = async (text: string, values: readonly string[]) =>
    typeof unsafe === 'function'
      ? await (pool as PostgresJsLike).unsafe(text, values as never[])
      : (await (pool as PgLike).query(text, [...values])).rows;
  return async (text, ...values) => {
    for (let tries = 1; ; tries++) {
      try {
        return (await within(ask(text, values), ANSWER_MS, () => new Error('late'))) as readonly Row[];
      } catch (error) {
        const state = stateOf(error);
        if (!AGAIN.includes(state) || tries === TRIES) throw failed(state);
      }
    }
  };
}

/** The SQLSTATE: five characters that hold nothing of the values. */
function stateOf(error: unknown): string {
  const { code } = Object(error);
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
}

function failed(state: string): RefreshUnavailableError {
  const hint = state === UNDEFINED_TABLE ? ': migrate() creates the table' : '';
  return new RefreshUnavailableError(
    `Postgres did not answer as it should${state && ` (SQLSTATE ${state}${hint})`}`,
  );
}
