import type { TokenStore } from '../../src/session/store.js';
import { asyncStorageStore } from '../../src/stores/async-storage/async-storage-store.js';
import type { Faults } from './contract/tools.ts';

/** A storage of each shape over one map, and what a test can do to it. */
export function keyValues() {
  const kept = new Map<string, string>();
  let waiting: (() => void)[] = [];
  const state = { is: 'open' as 'open' | 'locked' | 'hanging', writes: 0 };
  const operate = <T>(work: () => T): Promise<T> => {
    if (state.is === 'locked') return Promise.reject(new Error('User interaction is not allowed.'));
    if (state.is === 'hanging') return new Promise((resolve) => waiting.push(() => resolve(work())));
    return Promise.resolve().then(work);
  };
  const get = (key: string) => operate(() => kept.get(key) ?? null);
  const set = (key: string, value: string) =>
    operate(() => {
      state.writes++;
      kept.set(key, value);
    });
  const remove = (key: string) => operate(() => kept.delete(key));
  return {
    kept,
    state,
    open() {
      state.is = 'open';
      for (const begin of waiting.splice(0)) begin();
      waiting = [];
    },
    asyncStorage: { getItem: get, setItem: set, removeItem: remove },
    secureStore: { getItemAsync: get, setItemAsync: set, deleteItemAsync: remove },
    /** As localStorage: synchronous, and its functions need their `this`. */
    local: {
      map: kept,
      getItem(key: string) {
        if (state.is === 'locked') throw new Error('SecurityError');
        return this.map.get(key) ?? null;
      },
      setItem(key: string, value: string) {
        if (state.is === 'locked') throw new Error('QuotaExceededError');
        state.writes++;
        this.map.set(key, value);
      },
      removeItem(key: string) {
        this.map.delete(key);
      },
    },
  };
}

export type KeyValues = ReturnType<typeof keyValues>;
export type Shape = 'asyncStorage' | 'secureStore' | 'local';

interface Made {
  readonly a: TokenStore;
  readonly b: TokenStore;
  readonly values: KeyValues;
}

export const twoStoresOver = (shape: Shape) => async (): Promise<Made> => {
  const values = keyValues();
  const store = () => asyncStorageStore(values[shape], 'session');
  return { a: store(), b: store(), values };
};

export const keyValueFaults: Faults<Made> = {
  put: ({ values }, text) => values.kept.set('session', text),
  fail: ({ values }) => {
    values.state.is = 'locked';
    return values.open;
  },
};
/** A synchronous storage cannot hang but with all else. */
export const asyncFaults: Faults<Made> = {
  ...keyValueFaults,
  hang: ({ values }) => {
    values.state.is = 'hanging';
    return values.open;
  },
};
