import type { Plugin } from 'esbuild';
import { defineConfig, type Options } from 'tsup';

const shared: Options = {
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  splitting: true,
  treeshake: true,
  // zod 4 as published does not pass React Native's Babel preset; bundled, both load faster too.
  noExternal: ['zod', 'p-retry', 'is-network-error'],
  // Deno asks for the prefix.
  removeNodeProtocol: false,
  external: [/^node:/],
};

const core = { index: 'src/index.ts', fetch: 'src/fetch.ts' };
const others = {
  challenge: 'src/challenge.ts',
  oauth: 'src/oauth/index.ts',
  digest: 'src/digest.ts',
  dpop: 'src/schemes/dpop/index.ts',
  'stores-web': 'src/stores/web/index.ts',
  'stores-async-storage': 'src/stores/async-storage/index.ts',
  'stores-file': 'src/stores/file/index.ts',
  'stores-redis': 'src/stores/redis/index.ts',
  'stores-postgres': 'src/stores/postgres/index.ts',
};

/** Errors are told by their classes too, and records are read with zod, which is large: there is one of each. */
const ofTheCore: Plugin = {
  name: 'of-the-core',
  setup: (build) =>
    build.onResolve({ filter: /\/(?:errors|record-border)\.js$/ }, ({ importer }) =>
      // packages have files of such names as well
      importer.includes('node_modules')
        ? undefined
        : { path: './core.js', external: true, sideEffects: false },
    ),
};

// Apart, so that the core is a few files and not one for every set of doors that share something.
export default defineConfig([
  { ...shared, entry: { ...core, core: 'src/core.ts' } },
  { ...shared, entry: others, esbuildPlugins: [ofTheCore] },
  // The types of Node are for the file store, which tells nobody of them.
  { ...shared, entry: { ...core, ...others }, dts: { only: true, compilerOptions: { types: ['node'] } } },
]);
