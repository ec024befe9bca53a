import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What examples import of frameworks that are not installed: test/ssr says what is emulated of them. */
const emulated = (name: string, file: string) => ({
  find: name,
  replacement: at(`./test/ssr/emulated/${file}.ts`),
});

export default defineConfig({
  resolve: {
    alias: [
      // test/behaviour names the package as its users do
      { find: /^latchkey$/, replacement: at('./src/index.ts') },
      { find: /^latchkey\/(fetch|challenge|digest)$/, replacement: at('./src/$1.ts') },
      { find: /^latchkey\/oauth$/, replacement: at('./src/oauth/index.ts') },
      { find: /^latchkey\/dpop$/, replacement: at('./src/schemes/dpop/index.ts') },
      { find: /^latchkey\/stores\/([\w-]+)$/, replacement: at('./src/stores/$1/index.ts') },
      { find: /^latchkey-copy$/, replacement: at('./dist/index.js') },
      emulated('next/headers', 'next'),
      emulated('next/navigation', 'next'),
      emulated('@sveltejs/kit', 'sveltekit'),
      emulated('react/jsx-runtime', 'jsx'),
      emulated('react/jsx-dev-runtime', 'jsx'),
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // they need servers, browsers and bundlers
    exclude: [
      'test/servers/**',
      'test/browsers/**',
      'test/runtimes/bundlers/**',
      '**/node_modules/**',
      '**/.cache/**',
    ],
    // A slow machine is no failure; a hang is.
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // the table of all files is 12 kB: it would push what failed out of sight
      reporter: ['text-summary', 'json-summary'],
      reportOnFailure: true,
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
