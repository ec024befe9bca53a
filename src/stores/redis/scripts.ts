/** KEYS: record. Always asked of the server that writes, unlike HMGET of a cluster client that reads from replicas. */
export const LOAD = `return redis.call('HMGET', KEYS[1], 'revision', 'record')`;

/**
 * KEYS: record. ARGV: text, its revision, channel, the revision to write over. 1: saved. Who may not publish saves all
 * the same: a script that fails is not taken back.
 */
export const SAVE = `
if (redis.call('HGET', KEYS[1], 'revision') or '0') ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'record', ARGV[1])
redis.pcall('PUBLISH', ARGV[3], 'saved')
return 1`;

/** KEYS: record. ARGV: text, its revision, channel, the text to write over. 1: saved. */
export const REPLACE = `
if (redis.call('HGET', KEYS[1], 'record') or '') ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'record', ARGV[1])
redis.pcall('PUBLISH', ARGV[3], 'saved')
return 1`;

/** KEYS: turn. ARGV: holder, milliseconds. 0: it is the holder's; otherwise how long another one has it. */
export const TAKE = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return math.max(redis.call('PTTL', KEYS[1]), 1) end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0`;

/** KEYS: turn. ARGV: holder, milliseconds. 1: renewed. */
export const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** KEYS: turn. ARGV: holder, channel. */
export const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.pcall('PUBLISH', ARGV[2], 'released')
return 1`;
