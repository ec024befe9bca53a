import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // test/behaviour names the package as its users do
  resolve: {
    alias: [
      { find: /^latchkey$/, replacement: at('./src/index.ts') },
      { find: /^latchkey\/(fetch|challenge|digest)$/, replacement: at('./src/$1.ts') },
      { find: /^latchkey\/oauth$/, replacement: at('./src/oauth/index.ts') },
      { find: /^latchkey\/dpop$/, replacement: at('./src/schemes/dpop/index.ts') },
      {
        find: /^latchkey\/stores\/async-storage$/,
        replacement: at('./src/stores/async-storage/index.ts'),
      },
      { find: /^latchkey-copy$/, replacement: at('./dist/index.js') },
    ],
  },
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
