export type { Encrypt, EncryptionKey } from '../encryption-keys.js';
export type { PgLike, PostgresJsLike } from './client.js';
export { type PostgresStore, type PostgresStoreOptions, postgresStore } from './postgres-store.js';
