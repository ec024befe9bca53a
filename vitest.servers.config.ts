import { defineConfig } from 'vitest/config';

/** The suites against servers of other people's making, which a machine may not have: `npm run test:servers`. */
export default defineConfig({
  test: {
    include: ['test/servers/**/*.test.ts'],
    // one after another: what they start fills a small machine
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
