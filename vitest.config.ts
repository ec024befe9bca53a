import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** What examples import of frameworks that are not installed: test/ssr says what is emulated of them. */
const emulated = (name: string) => at(`./test/ssr/emulated/${name}.ts`);

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
      { find: 'next/headers', replacement: emulated('next') },
      { find: 'next/navigation', replacement: emulated('next') },
      { find: '@sveltejs/kit', replacement: emulated('sveltekit') },
      { find: 'react/jsx-runtime', replacement: emulated('jsx') },
      { find: 'react/jsx-dev-runtime', replacement: emulated('jsx') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // they need servers, browsers, and bundlers of their own
    exclude: [
      'test/servers/**',
      'test/browsers/**',
      'test/runtimes/bundlers/**',
      '**/node_modules/**',
      '**/.cache/**',
    ],
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
