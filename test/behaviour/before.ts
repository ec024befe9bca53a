/** What there was before latchkey was loaded: a runner loads this first. */
export interface Before {
  readonly names: readonly string[];
  readonly values: ReadonlyMap<string, unknown>;
}

const place = Symbol.for('latchkey.behaviour.before');

/** What latchkey has no business with while it is loaded, and might replace. */
const watched = [
  'fetch',
  'Headers',
  'Request',
  'Response',
  'URL',
  'Promise',
  'AbortController',
  'setTimeout',
];

const here = globalThis as { [place]?: Before };
here[place] ??= {
  names: Object.getOwnPropertyNames(globalThis),
  values: new Map(watched.map((name) => [name, (globalThis as Record<string, unknown>)[name]])),
};

export const before: Before = here[place];
