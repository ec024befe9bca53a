export type { Encrypt, EncryptionKey } from '../encryption-keys.js';
export { type FileStoreOptions, fileStore } from './file-store.js';
