import type { TokenStore } from '../../session/store.js';
import type { Encrypt } from '../encryption-keys.js';
import { leaseMsOf } from '../options.js';
import { type Row, recordTextOf } from '../record-text.js';
import { type Server, servedStore } from '../served-store.js';
import { type IoRedisLike, type NodeRedisLike, type Run, runnerOf } from './client.js';
import { LOAD, RELEASE, RENEW, REPLACE, SAVE, TAKE } from './scripts.js';
import { listenerOf } from './subscriber.js';

/** How a {@link redisStore} takes turns, and keeps the record. */
export interface RedisStoreOptions {
  /**
   * How long a turn outlives its holder, in milliseconds; it is renewed at a third of that while it is used.
   * @default 30_000
   */
  readonly leaseMs?: number | undefined;
  /**
   * Encrypts the record (AES-GCM), bound to the key and the record's revision. Of several keys the first encrypts and every
   * one decrypts: what an old key decrypts is encrypted with the new one at the next save. A member that is there and
   * undefined is a TypeError. @default none: plain text
   */
  readonly encrypt?: Encrypt;
}

/**
 * Keeps the record in Redis or Valkey, for a fleet that shares one sign-in: one of its processes renews the tokens,
 * all hear of them. Turns are a lease by the server's clock; every verb is one script, and none holds a connection
 * while tokens are fetched.
 *
 * @param client A connected client of ioredis or node-redis, or of a cluster. It stays yours: all stores over it listen
 * on one duplicate of it, which `close()` of the last one ends.
 * @param key Names the sign-in: the record is the hash `latchkey:{key}`, the turn is at `latchkey:{key}:turn`.
 * @throws TypeError where the client has neither shape, the key is empty, `leaseMs` is out of range or `encrypt` holds no
 * usable key.
 * @example
 * ```ts
 * const session = createSession({ acquire, store: redisStore(new Redis(url), 'token:orders') });
 * ```
 */
export function redisStore(
  client: IoRedisLike | NodeRedisLike,
  key: string,
  options?: RedisStoreOptions,
): TokenStore {
  const leaseMs = leaseMsOf(key, options);
  const run = runnerOf(client);
  const place = placeOf(key);
  const format = recordTextOf(options, `redis ${place}`);
  return servedStore({ ...verbsOf(run, place), listen: listenerOf(client) }, place, leaseMs, format);
}

function verbsOf(run: Run, place: string): Omit<Server, 'listen'> {
  const turn = `${place}:turn`;
  const write = async (script: string, { text, revision }: Row, over: string) =>
    Number(await run(script, place, text, String(revision), place, over)) === 1;
  return {
    lease: {
      take: async (holder, ms) => Number(await run(TAKE, turn, holder, String(ms))),
      renew: async (holder, ms) => Number(await run(RENEW, turn, holder, String(ms))) === 1,
      release: (holder) => run(RELEASE, turn, holder, place),
    },
    async load() {
      const [revision, text] = (await run(LOAD, place)) as unknown[];
      if (!isThere(revision) && !isThere(text)) return undefined;
      return { revision: Number(revision ?? 0), text: isThere(text) ? String(text) : '' };
    },
    save: (next, ifRevision) => write(SAVE, next, String(ifRevision)),
    replace: (next, text) => write(REPLACE, next, text),
  };
}

/** In braces: all keys of one sign-in are in one slot of a cluster. An escaped brace ends none. */
function placeOf(key: string): string {
  return `latchkey:{${key.replace(/[%}]/g, encodeURIComponent)}}`;
}

function isThere(found: unknown): boolean {
  return found !== null && found !== undefined;
}
