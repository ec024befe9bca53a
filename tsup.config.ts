import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    fetch: 'src/fetch.ts',
    challenge: 'src/challenge.ts',
    oauth: 'src/oauth/index.ts',
    digest: 'src/digest.ts',
    dpop: 'src/schemes/dpop/index.ts',
  },
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  // In both formats: the doors share one copy of what they keep (outcomeOf's map, the classes of errors).
  splitting: true,
  treeshake: true,
  clean: true,
  dts: true,
  // zod 4 as published does not pass React Native's Babel preset; bundled, both load faster too.
  noExternal: ['zod', 'p-retry', 'is-network-error'],
});
