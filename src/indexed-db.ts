/** A database of one object store; one that lacks it, because it is new or is upgraded to `version`, gets it. */
export function openDatabase(
  factory: IDBFactory,
  name: string,
  store: string,
  version?: number,
): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = factory.open(name, version);
    opening.onupgradeneeded = () => {
      const { result } = opening;
      if (!result.objectStoreNames.contains(store)) result.createObjectStore(store);
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

/**
 * The value under a key. With `change`, what that makes of it is kept instead, in the same transaction: undefined leaves
 * it, null removes it. Settles when the transaction has: no context comes between, and what was kept is there.
 */
export function transact(
  database: IDBDatabase,
  store: string,
  key: string,
  change?: (kept: unknown) => unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // A rotated refresh token must survive a loss of power as soon as it is used.
    const options = { durability: 'strict' } as const;
    const transaction = database.transaction(store, change ? 'readwrite' : 'readonly', options);
    const values = transaction.objectStore(store);
    const reading = values.get(key);
    let kept: unknown;
    reading.onsuccess = () => {
      kept = reading.result;
      try {
        const next = change?.(kept);
        if (next === null) values.delete(key);
        else if (next !== undefined) values.put(next, key);
        if (next !== undefined) kept = next;
      } catch {
        transaction.abort();
      }
    };
    transaction.oncomplete = () => resolve(kept);
    transaction.onabort = () => reject(transaction.error);
  });
}
