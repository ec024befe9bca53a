import { RefreshUnavailableError } from '../../errors.js';
import { within } from '../../promise.js';
import { ANSWER_MS } from '../options.js';

/** ioredis, or a client of its shape. */
export interface IoRedisLike {
  eval(script: string, numkeys: number, ...args: (string | number)[]): Promise<unknown>;
  duplicate(): unknown;
}

/** node-redis (the package `redis`), or a client of its shape. */
export interface NodeRedisLike {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  duplicate(): unknown;
}

/** Runs a script over one key; of the client's own errors nothing is told, they hold its arguments. */
export type Run = (script: string, key: string, ...args: readonly string[]) => Promise<unknown>;

/** @throws TypeError where it is a client of neither shape. */
export function shapeOf(client: unknown): 'ioredis' | 'node-redis' {
  const { eval: run, duplicate, status, isOpen } = Object(client);
  if (typeof run === 'function' && typeof duplicate === 'function') {
    if (typeof status === 'string') return 'ioredis';
    if (typeof isOpen === 'boolean') return 'node-redis';
  }
  throw new TypeError('client: must be a client of ioredis or of node-redis');
}

/** @throws TypeError where it is a client of neither shape. */
export function runnerOf(client: IoRedisLike | NodeRedisLike): Run {
  const ask =
    shapeOf(client) === 'ioredis'
      ? (script: string, key: string, args: readonly string[]) =>
          (client as IoRedisLike).eval(script, 1, key, ...args)
      : (script: string, key: string, args: readonly string[]) =>
          (client as NodeRedisLike).eval(script, { keys: [key], arguments: [...args] });
  return async (script, key, ...args) => {
    try {
      return await within(ask(script, key, args), ANSWER_MS, () => new Error('late'));
    } catch (error) {
      throw new RefreshUnavailableError(`Redis did not answer as it should${codeOf(error)}`);
    }
  };
}

const CODES =
  /^(?:BUSY|CLUSTERDOWN|CROSSSLOT|LOADING|MASTERDOWN|MISCONF|NOAUTH|NOPERM|OOM|READONLY|WRONGTYPE)\b/;

/** How Redis calls an error; what follows may hold what was sent. */
function codeOf(error: unknown): string {
  const [code] = CODES.exec(String(Object(error).message)) ?? [];
  return code === undefined ? '' : ` (${code})`;
}
