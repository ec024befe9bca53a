import type { InitHook, Options } from 'ky';
import type { FetchLike } from '../types.js';

/** What is done to the options before ky sees them. */
export interface CallOptions {
  ofClient(defaults: Options): Options;
  ofCall(options: Options): Options;
}

/** `auth` is no option of ky, so ky hands it on to fetch: this is how a call says it to the corridor. */
type Handed = Options & { auth?: false | undefined };

/**
 * Keeps the corridor in its place: a call's own `fetch`, and one that an init hook sets, goes below it;
 * `context.auth` becomes what the corridor reads.
 */
export function callOptions(corridor: FetchLike, corridorOver: (fetch: FetchLike) => FetchLike): CallOptions {
  const known = new WeakMap<FetchLike, FetchLike>([[corridor, corridor]]);
  const over = (fetch: FetchLike | undefined): FetchLike => {
    if (fetch === undefined) return corridor;
    let made = known.get(fetch);
    if (made === undefined) {
      made = corridorOver(fetch);
      known.set(fetch, made);
      known.set(made, made);
    }
    return made;
  };
  const settle = (options: Handed): void => {
    if (options.context?.['auth'] === false) options.auth = false;
    else if (options.context?.['auth'] !== undefined) options.auth = undefined;
    options.fetch = over(options.fetch);
  };
  // runs after the hooks that could change what was settled before
  const last: InitHook = settle;
  const withHooks = (options: Options, settled: Handed): Options => {
    const init = options.hooks?.init;
    return init?.length ? { ...settled, hooks: { ...options.hooks, init: [...init, last] } } : settled;
  };
  return {
    ofClient(defaults) {
      const settled: Handed = { ...defaults, fetch: corridor };
      settle(settled);
      return withHooks(defaults, settled);
    },
    ofCall(options) {
      if (!('context' in options || 'fetch' in options || options.hooks?.init)) return options;
      const settled: Handed = { ...options };
      if ('fetch' in options) settled.fetch = over(options.fetch);
      const auth = options.context?.['auth'];
      if (auth !== undefined) settled.auth = auth === false ? false : undefined;
      return withHooks(options, settled);
    },
  };
}
