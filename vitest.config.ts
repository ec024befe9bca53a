import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // they need servers and browsers: vitest.servers.config.ts, vitest.browsers.config.ts
    exclude: ['test/servers/**', 'test/browsers/**'],
    // A slow machine is no failure; a hang is.
    testTimeout: 20_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'json-summary'],
      reportOnFailure: true,
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
