import { defineConfig } from 'vitest/config';

/** The suites in real browsers, which a machine may not have: `npm run test:browsers`. */
export default defineConfig({
  test: {
    include: ['test/browsers/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two browsers at once are enough for a small machine.
    maxWorkers: 2,
  },
});
