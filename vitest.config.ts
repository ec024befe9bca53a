import { defineConfig } from 'vitest/config';

/** What examples import of frameworks that are not installed: test/ssr says what is emulated of them. */
const emulated = (name: string) => new URL(`test/ssr/emulated/${name}.ts`, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: {
      'next/headers': emulated('next'),
      'next/navigation': emulated('next'),
      '@sveltejs/kit': emulated('sveltekit'),
      'react/jsx-runtime': emulated('jsx'),
      'react/jsx-dev-runtime': emulated('jsx'),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    // they need servers, browsers, bundlers and runtimes of their own
    exclude: ['test/servers/**', 'test/browsers/**', 'test/runtimes/**'],
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
