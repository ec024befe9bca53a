import { RefreshUnavailableError } from '../../errors.js';
import { createMutex } from '../../mutex.js';
import type { TokenStore } from '../../session/store.js';
import { Channel } from './channel.js';
import { lockedTurn } from './locked-turn.js';
import { isInBrowser, webLocks, whenSeenAgain } from './platform.js';
import { Records } from './records.js';

/** What `webStore` is told besides the name. */
export interface WebStoreOptions {
  /** How long to wait for another tab's turn, in milliseconds. @default 8_000, as long as a session waits */
  readonly lockTimeoutMs?: number | undefined;
}

const LOCK_TIMEOUT_MS = 8_000;

/**
 * Keeps the session in IndexedDB, for all tabs and workers of an origin: one of them refreshes, by Web Locks, and what one
 * does the others hear of within a second. Where the browser lets nothing be kept it rests in memory, for this page alone,
 * and `store-degraded` says so. On a server it loads nothing, and a sign-in is a TypeError.
 *
 * @param name Of the session: other sessions of the origin have other names. Database, lock and channel are called
 * `latchkey:` and this.
 * @throws TypeError naming the option that cannot be
 * @example
 * ```ts
 * const session = createSession({ refresh, store: webStore('session') });
 * ```
 */
export function webStore(name: string, options: WebStoreOptions = {}): TokenStore {
  if (typeof name !== 'string' || name === '') throw new TypeError('name: must be a text that is not empty');
  const { lockTimeoutMs = LOCK_TIMEOUT_MS } = options;
  if (typeof lockTimeoutMs !== 'number' || !(lockTimeoutMs > 0 && lockTimeoutMs < 2 ** 31))
    throw new TypeError('lockTimeoutMs: must be a number of milliseconds above 0');
  if (!isInBrowser()) return onServer;
  const place = `latchkey:${name}`;
  const locks = webLocks();
  const records = new Records(place, !locks);
  const channel = new Channel(place);
  const alone = createMutex();
  return {
    exclusive: true,
    get memoryOnly() {
      return records.memoryOnly;
    },
    load: () => records.load(),
    async save(next, ifRevision) {
      const saved = await records.save(next, ifRevision);
      if (saved) channel.tell();
      return saved;
    },
    turn(task, turning) {
      if (!locks || records.database.missing)
        return alone(() => task(new AbortController().signal), turning?.signal);
      return lockedTurn({ locks, name: place, records, lockTimeoutMs }, task, turning?.signal);
    },
    watch: (listener) => channel.watch(listener),
    onResume: whenSeenAgain,
  };
}

/** The process serves many users: none of them is kept in it. */
const onServer: TokenStore = {
  exclusive: true,
  readOnly: true,
  load: () => undefined,
  save: () => false,
  turn: async () => {
    throw new RefreshUnavailableError('webStore: on a server there is no session');
  },
};
