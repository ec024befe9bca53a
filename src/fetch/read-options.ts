import { plainFetch, plainFetchKey } from '../plain-fetch.js';
import { assertOptions } from '../protocol/objects.js';
import { schemeOf } from '../schemes/auth.js';
import type { FetchLike } from '../types.js';
import type { Corridor } from './corridor.js';
import type { AuthFetchOptions } from './options.js';
import { readSpace } from './origins.js';
import { probed } from './probed.js';

/** Reads the options once; TypeError with the option's name where one cannot be. */
export function readOptions(options: AuthFetchOptions): Corridor {
  assertOptions('createAuthFetch', options);
  const { auth, fetch, isUnauthorized, maxReplayBytes = 1_048_576, onOneShot = 'deliver', observe } = options;
  const schemes = [auth].flat().map(schemeOf);
  must(schemes.length > 0, 'auth', 'hold a session or scheme');
  must(typeof maxReplayBytes === 'number' && maxReplayBytes >= 0, 'maxReplayBytes', 'be 0 or more bytes');
  must(onOneShot === 'deliver' || onOneShot === 'throw', 'onOneShot', "be 'deliver' or 'throw'");
  for (const option of ['fetch', 'isUnauthorized', 'observe'] as const) {
    must(options[option] === undefined || typeof options[option] === 'function', option, 'be a function');
  }
  return {
    ...readSpace(options),
    schemes,
    replays: schemes.some((scheme) => scheme.remedy !== undefined),
    maxReplayBytes,
    throwsOneShot: onOneShot === 'throw',
    isUnauthorized,
    observe,
    worked: new Map(),
    below: below(fetch),
  };
}

function must(holds: boolean, option: string, what: string): void {
  if (!holds) throw new TypeError(`\`${option}\` must ${what}`);
}

/** What is given, or the platform's, looked up at each call; where a corridor was put in its place, what was there before. */
function below(fetch: FetchLike | undefined): () => FetchLike {
  const before = plainFetch(fetch ?? globalThis.fetch);
  if (fetch !== undefined) return () => before;
  const isCorridor = probed((seen: FetchLike) => plainFetchKey in seen);
  return () => (isCorridor(globalThis.fetch) ? before : globalThis.fetch);
}
