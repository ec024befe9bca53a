import { defineConfig } from 'vitest/config';

/** The package as it is published, in the hands of bundlers and compilers: `npm run test:bundlers`. */
export default defineConfig({
  root: new URL('.', import.meta.url).pathname,
  test: {
    include: ['*.test.ts'],
    globalSetup: ['fresh.ts'],
    // Metro takes half a minute on two busy cores.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
