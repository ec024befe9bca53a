import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { median, table } from './measure.ts';

const PROGRAMS: Record<string, string> = {
  'parseChallenges from latchkey/challenge': `export { parseChallenges } from 'latchkey/challenge'`,
  'createAuthFetch + createSession from latchkey/fetch': `export { createAuthFetch, createSession } from 'latchkey/fetch'`,
  'createAuthClient + createSession from latchkey': `export { createAuthClient, createSession } from 'latchkey'`,
  'explain from latchkey/fetch': `export { explain } from 'latchkey/fetch'`,
  'dpop + dpopKey from latchkey/dpop': `export { dpop, dpopKey } from 'latchkey/dpop'`,
  'createAuthClient from latchkey': `export { createAuthClient } from 'latchkey'`,
  'digest from latchkey/digest': `export { digest } from 'latchkey/digest'`,
  'webStore from latchkey/stores/web': `export { webStore } from 'latchkey/stores/web'`,
  '… with createAuthClient + createSession': `export { createAuthClient, createSession } from 'latchkey'; export { webStore } from 'latchkey/stores/web'`,
  'asyncStorageStore from latchkey/stores/async-storage': `export { asyncStorageStore } from 'latchkey/stores/async-storage'`,
  '… beside createAuthClient + createSession': `export { createAuthClient, createSession } from 'latchkey'; export { asyncStorageStore } from 'latchkey/stores/async-storage'`,
  'fileStore from latchkey/stores/file': `export { fileStore } from 'latchkey/stores/file'`,
  'redisStore from latchkey/stores/redis': `export { redisStore } from 'latchkey/stores/redis'`,
  'postgresStore from latchkey/stores/postgres': `export { postgresStore } from 'latchkey/stores/postgres'`,
  '… ky alone': `export { default } from 'ky'`,
};

async function gzipped(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'error',
    external: ['node:*'],
  });
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength;
}

/** What an import costs a fresh process, above one that imports nothing. */
function importMs(specifier: string): number {
  const script = (name: string) =>
    `const t = performance.now(); await import('${name}'); console.log(performance.now() - t)`;
  const took = (name: string) =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', script(name)], { encoding: 'utf8' }));
  const empty = 'data:text/javascript,';
  const runs = Array.from({ length: 15 }, () => ({ with: took(specifier), without: took(empty) }));
  return median(runs.map((run) => run.with)) - median(runs.map((run) => run.without));
}

export async function benchSize(): Promise<void> {
  const rows: string[][] = [];
  for (const [name, contents] of Object.entries(PROGRAMS))
    rows.push([name, `${((await gzipped(contents)) / 1000).toFixed(2)} kB`]);
  console.log(`\n### Size, minified and gzipped, dependencies inside\n\n${table(['', 'size'], rows)}`);
  const doors = ['latchkey/challenge', 'latchkey/fetch', 'latchkey'];
  const loads = doors.map((door) => [`import '${door}'`, `${importMs(door).toFixed(1)} ms`]);
  console.log(`\n### Import in Node, above an empty import\n\n${table(['', 'time'], loads)}`);
}
