// Packages of React Native apps as their own types have them, as far as the programs use them.
declare module 'expo-secure-store' {
  interface SecureStoreOptions {
    readonly keychainService?: string;
    readonly requireAuthentication?: boolean;
  }
  export function getItemAsync(key: string, options?: SecureStoreOptions): Promise<string | null>;
  export function setItemAsync(key: string, value: string, options?: SecureStoreOptions): Promise<void>;
  export function deleteItemAsync(key: string, options?: SecureStoreOptions): Promise<void>;
  // Synchronous ones too, without a removeItem.
  export function getItem(key: string, options?: SecureStoreOptions): string | null;
  export function setItem(key: string, value: string, options?: SecureStoreOptions): void;
}
declare module '@react-native-async-storage/async-storage' {
  type Callback<T> = (error?: Error | null, result?: T) => void;
  const AsyncStorage: {
    getItem: (key: string, callback?: Callback<string | null>) => Promise<string | null>;
    setItem: (key: string, value: string, callback?: Callback<void>) => Promise<void>;
    removeItem: (key: string, callback?: Callback<void>) => Promise<void>;
  };
  export default AsyncStorage;
}
