export { asyncStorageStore } from './async-storage-store.js';
export type { KeyValueStorage } from './key-value-storage.js';
