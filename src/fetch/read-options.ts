import { plainFetch, plainFetchKey } from '../plain-fetch.js';
import { schemeOf } from '../schemes/auth.js';
import type { FetchLike } from '../types.js';
import type { Corridor } from './corridor.js';
import type { AuthFetchOptions } from './options.js';
import { readSpace } from './origins.js';

/** Reads the options once; TypeError with the option's name where one cannot be. */
export function readOptions(options: AuthFetchOptions): Corridor {
  const { auth, fetch, isUnauthorized, maxReplayBytes = 1_048_576, onOneShot = 'deliver', observe } = options;
  const schemes = (Array.isArray(auth) ? auth : [auth]).map(schemeOf);
  if (schemes.length === 0) throw new TypeError('`auth` must hold at least one session or scheme');
  if (typeof maxReplayBytes !== 'number' || !(maxReplayBytes >= 0)) {
    throw new TypeError('`maxReplayBytes` must be a number of bytes, 0 or more');
  }
  if (onOneShot !== 'deliver' && onOneShot !== 'throw') {
    throw new TypeError("`onOneShot` must be 'deliver' or 'throw'");
  }
  mustBeFunction(fetch, 'fetch');
  mustBeFunction(isUnauthorized, 'isUnauthorized');
  mustBeFunction(observe, 'observe');
  return {
    ...readSpace(options),
    schemes,
    replays: schemes.some((scheme) => scheme.remedy !== undefined),
    maxReplayBytes,
    throwsOneShot: onOneShot === 'throw',
    isUnauthorized,
    observe,
    worked: new Map(),
    below: fetch === undefined ? platformFetch() : below(fetch),
  };
}

function mustBeFunction(value: unknown, option: string): void {
  if (value !== undefined && typeof value !== 'function')
    throw new TypeError(`\`${option}\` must be a function`);
}

function below(fetch: FetchLike): () => FetchLike {
  const plain = plainFetch(fetch);
  return () => plain;
}

/** Looked up at each call; where a corridor has been put in its place, what was there at creation. */
function platformFetch(): () => FetchLike {
  const before = plainFetch(globalThis.fetch);
  let seen: FetchLike | undefined;
  let isCorridor = false;
  return () => {
    const { fetch } = globalThis;
    if (fetch !== seen) {
      seen = fetch;
      isCorridor = plainFetchKey in fetch;
    }
    return isCorridor ? before : fetch;
  };
}
