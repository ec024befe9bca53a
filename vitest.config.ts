import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // they need servers: vitest.servers.config.ts
    exclude: ['test/servers/**', '**/node_modules/**', '**/.cache/**'],
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
