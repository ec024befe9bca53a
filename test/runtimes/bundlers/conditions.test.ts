import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, inject, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { expected } from './expected.ts';
import { network } from './network.ts';
import { run } from './run.ts';

const fresh = inject('fresh');
const child = promisify(execFile);

/** What a runtime, or what bundles for it, asks `exports` for besides `import` or `require`. */
const runtimes: Readonly<Record<string, readonly string[]>> = {
  'no condition': [],
  node: ['node'],
  browser: ['browser'],
  'react-native': ['react-native'],
  workerd: ['workerd', 'worker', 'browser'],
  deno: ['deno', 'node'],
  bun: ['bun', 'node'],
  'edge-light': ['edge-light', 'worker'],
};
const formats = ['ESM', 'CommonJS'] as const;
const cases = Object.keys(runtimes).flatMap((name) => formats.map((format) => [name, format] as const));

/** Runs a program in the folder that the package is installed in, by Node with these conditions. */
async function node(conditions: readonly string[], code: string, type: 'module' | 'commonjs') {
  const given = conditions.flatMap((condition) => ['-C', condition]);
  const args = [...given, `--input-type=${type}`, '-e', code];
  const { stdout } = await child(process.execPath, args, { cwd: fresh });
  return stdout;
}

describe('exports, as Node reads them', () => {
  it.each(cases)('lead to what works: %s, %s', async (name, format) => {
    const used = 'use(network()).then((all) => console.log(JSON.stringify(all)))';
    const printed =
      format === 'ESM'
        ? node(
            runtimes[name] ?? [],
            `import { use } from './app/use.js'; import { network } from './app/network.ts'; ${used}`,
            'module',
          )
        : node(
            runtimes[name] ?? [],
            `const { use } = require('./app/use.cjs'); const { network } = require('./app/network.ts'); ${used}`,
            'commonjs',
          );
    expect(JSON.parse(await printed)).toEqual(expected);
  });
});

describe('exports, as a bundler for the runtime reads them', () => {
  it.each(cases)('lead to what works: %s, %s', async (name, format) => {
    const { outputFiles, warnings, metafile } = await build({
      stdin: {
        contents:
          format === 'ESM'
            ? `import { use } from './app/use.js'; globalThis.__used = use(globalThis.__network);`
            : `globalThis.__used = require('./app/use.cjs').use(globalThis.__network);`,
        resolveDir: fresh,
      },
      absWorkingDir: fresh,
      bundle: true,
      write: false,
      metafile: true,
      format: 'iife',
      platform: 'neutral',
      // only `exports` counts
      mainFields: [],
      conditions: [...(runtimes[name] ?? [])],
      logLevel: 'silent',
    });
    expect(warnings).toEqual([]);
    const ours = Object.keys(metafile.inputs).filter((path) => path.includes('node_modules/latchkey/'));
    const ending = format === 'ESM' ? /\/dist\/[\w-]+\.js$/ : /\/dist\/[\w-]+\.cjs$/;
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter((path) => !ending.test(path))).toEqual([]);
    expect(await run(outputFiles[0]?.text ?? '', network())).toEqual(expected);
  });
});

describe('the package, installed', () => {
  it('opens at its doors and nowhere else', async () => {
    const doors = Object.keys(manifest.exports).map((door) => door.replace('.', 'latchkey'));
    const code = `
      const opens = (path) => import.meta.resolve(path) && path;
      const shut = (path) => { try { return opens(path); } catch (error) { return error.code; } };
      const all = [...${JSON.stringify(doors)}.map(opens), shut('latchkey/dist/core.js'), shut('latchkey/src/index.ts')];
      console.log(JSON.stringify(all));`;
    const none = 'ERR_PACKAGE_PATH_NOT_EXPORTED';
    expect(JSON.parse(await node([], code, 'module'))).toEqual([...doors, none, none]);
  });
  it('is one package where one part of an app imports it and another requires it', async () => {
    const code = `
      import { createRequire } from 'node:module';
      import { createAuthFetch, isAuthError } from 'latchkey/fetch';
      import { network } from './app/network.ts';
      const required = createRequire(import.meta.url + '/../app/')('latchkey');
      const net = network();
      const session = required.createSession({ refresh: async () => ({ accessToken: 'new' }) });
      await session.signIn({ accessToken: 'old', refreshToken: 'r' });
      const authFetch = createAuthFetch({ baseUrl: 'https://api.example.com/', auth: session, fetch: net.fetch });
      const { status } = await authFetch('/a');
      console.log(JSON.stringify([
        required.createAuthFetch === createAuthFetch,
        status,
        isAuthError(new required.SignedOutError()),
      ]));`;
    expect(JSON.parse(await node([], code, 'module'))).toEqual([false, 200, true]);
  });
  it('runs a file store in Node, Bun and Deno by the conditions of each', async () => {
    for (const name of ['node', 'deno', 'bun']) {
      const { outputFiles } = await build({
        entryPoints: [`${fresh}/app/file.js`],
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'neutral',
        mainFields: [],
        conditions: [...(runtimes[name] ?? [])],
        external: ['node:*'],
      });
      writeFileSync(`${fresh}/file-${name}.mjs`, outputFiles[0]?.text ?? '');
      const { stdout } = await child(process.execPath, [`file-${name}.mjs`, `${name}.json`], { cwd: fresh });
      expect(stdout, name).toBe('signed-in a\n');
    }
  });
});
