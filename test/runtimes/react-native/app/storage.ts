/** The functions of AsyncStorage, over a map. */
export function fakeAsyncStorage(kept: Map<string, string>) {
  return {
    getItem: async (key: string) => kept.get(key) ?? null,
    setItem: async (key: string, value: string) => void kept.set(key, value),
    removeItem: async (key: string) => void kept.delete(key),
  };
}

/** The functions of Expo's SecureStore, and its rules for keys and values. */
export function fakeSecureStore(kept: Map<string, string>) {
  const check = (key: string) => {
    if (!/^[\w.-]+$/.test(key)) throw new Error(`Invalid key provided to SecureStore: ${key}`);
  };
  return {
    async getItemAsync(key: string) {
      check(key);
      return kept.get(key) ?? null;
    },
    async setItemAsync(key: string, value: string) {
      check(key);
      if (value.length > 2_048)
        throw new Error('Value being stored in SecureStore is larger than 2048 bytes');
      kept.set(key, value);
    },
    async deleteItemAsync(key: string) {
      check(key);
      kept.delete(key);
    },
  };
}
