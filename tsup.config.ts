import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    fetch: 'src/fetch.ts',
    challenge: 'src/challenge.ts',
    oauth: 'src/oauth/index.ts',
    digest: 'src/digest.ts',
    dpop: 'src/schemes/dpop/index.ts',
    'stores/async-storage': 'src/stores/async-storage/index.ts',
    'stores/file': 'src/stores/file/index.ts',
  },
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  // In both formats: the doors share one copy of what they keep (outcomeOf's map, the classes of errors).
  splitting: true,
  treeshake: true,
  clean: true,
  // The types of Node are for the file store, which tells nobody of them.
  dts: { compilerOptions: { types: ['node'] } },
  // Deno asks for the prefix.
  removeNodeProtocol: false,
  external: [/^node:/],
  // zod 4 as published does not pass React Native's Babel preset; bundled, both load faster too.
  noExternal: ['zod', 'p-retry', 'is-network-error'],
});
