export type { Encrypt, EncryptionKey } from '../encryption-keys.js';
export type { IoRedisLike, NodeRedisLike } from './client.js';
export { type RedisStoreOptions, redisStore } from './redis-store.js';
