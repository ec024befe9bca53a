import { createMutex } from '../mutex.js';
import { ANY_BINDING } from '../protocol/reconcile.js';
import type { SessionRecord } from '../protocol/record.js';
import type { TokenInput } from '../protocol/token-set.js';
import { newId } from './new-id.js';
import type { TokenStore } from './store.js';
import { parseTokenInput } from './token-input.js';

/**
 * Keeps the record in this JavaScript context; sessions given the same store share the sign-in and its turns.
 *
 * @param initial Tokens to begin with; a lifetime in seconds counts from the first use.
 * @throws TypeError where `initial` holds no tokens that can be used.
 * @example
 * ```ts
 * const session = createSession({ refresh, store: memoryStore({ accessToken, refreshToken, expiresIn: 300 }) });
 * ```
 */
export function memoryStore(initial?: TokenInput): TokenStore {
  if (initial !== undefined) assertUsable(initial);
  const inTurn = createMutex();
  const listeners = new Set<{ call: () => void }>();
  let first = initial;
  let record: SessionRecord | undefined;

  const load = () => {
    if (first !== undefined) {
      record = firstRecord(first, Date.now());
      first = undefined;
    }
    return record;
  };
  const tell = () => {
    for (const listener of listeners) {
      Promise.resolve()
        .then(() => {
          if (listeners.has(listener)) listener.call();
        })
        .catch(() => {});
    }
  };
  return {
    exclusive: true,
    load,
    save(next, ifRevision) {
      if ((load()?.revision ?? 0) !== ifRevision) return false;
      record = next;
      tell();
      return true;
    },
    // Nothing can take a turn of this context away: the task's signal never aborts.
    turn: (task, options) => inTurn(() => task(new AbortController().signal), options?.signal),
    watch(call) {
      const listener = { call };
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

function firstRecord(initial: TokenInput, now: number): SessionRecord {
  const tokens = parseTokenInput(initial, now);
  const { expiresAt } = tokens;
  return {
    id: newId(),
    revision: 1,
    generation: 1,
    boundTo: ANY_BINDING,
    tokens,
    mintedAt: now,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function assertUsable(initial: TokenInput): void {
  try {
    parseTokenInput(initial, 0);
  } catch {
    throw new TypeError('initial: must be tokens, ours or the JSON of a token endpoint');
  }
}
