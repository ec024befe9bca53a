import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { expected } from './expected.ts';
import { network } from './network.ts';
import { run } from './run.ts';
import { sizes } from './sizes.ts';
import type { Bundled, Job } from './with/bundler.ts';

const fresh = inject('fresh');
const child = promisify(execFile);
const bundling = fileURLToPath(new URL('bundle.ts', import.meta.url));

/** Bundles programs of app/ in a process of its own; what that prints beside counts as a warning. */
async function bundle(
  name: string,
  entries: readonly string[],
  platform: Job['platform'] = 'browser',
): Promise<Bundled[]> {
  const jobs = entries.map((entry): Job => {
    const into = mkdtempSync(join(fresh, 'out-'));
    return { folder: fresh, entry: `app/${entry}.js`, into, platform };
  });
  const env = { ...process.env, NODE_ENV: undefined, NO_COLOR: '1' };
  const { stdout, stderr } = await child(process.execPath, [bundling, name, JSON.stringify(jobs)], {
    env,
    maxBuffer: 2 ** 26,
  });
  const bundled = JSON.parse(stdout) as Bundled[];
  return stderr === '' ? bundled : bundled.map((one) => ({ ...one, warnings: [...one.warnings, stderr] }));
}

const nothing: Bundled = { code: '', warnings: ['nothing was bundled'] };

/** What a program of app/ prints in the folder of the installed package. */
async function installed(program: string): Promise<string> {
  return (await child(process.execPath, [`app/${program}.js`], { cwd: fresh })).stdout;
}

/** What a bundle prints in a folder where nothing is installed. */
async function runApart(code: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'bundle.mjs'), code);
  const { stdout, stderr } = await child(process.execPath, ['bundle.mjs', 'session.json'], { cwd: folder });
  expect(stderr).toBe('');
  return stdout;
}

async function holdsEveryExport(name: string): Promise<void> {
  const [{ code, warnings } = nothing] = await bundle(name, ['doors']);
  expect(warnings).toEqual([]);
  const names = JSON.parse(await installed('doors')) as Record<string, string[]>;
  expect(Object.values(names).flat().length).toBeGreaterThan(0);
  expect(await run(code, network())).toEqual(names);
}

/** What tells a part of the package, or of what it depends on, in a bundle: texts that no minifier changes. */
const marks = {
  ky: /afterResponse/,
  zod: /_zod\b/,
  session: /holderUntil/,
  'p-retry': /\bretriesConsumed\b/,
  oauth4webapi: /oauth4webapi/,
  explain: /less than a second/,
  digest: /auth-int/,
  dpop: /dpop\+jwt/,
  'store of apps': /setItemAsync/,
  'store of files': /boot_id/,
};
const partsIn = (code: string) =>
  Object.entries(marks).flatMap(([part, mark]) => (mark.test(code) ? [part] : []));

/** The programs that are measured, by their file in app/. */
const programs: Readonly<Record<string, string>> = {
  nothing: 'nothing',
  parse: '`parseChallenges` from `latchkey/challenge`',
  'parse-front': '`parseChallenges` from `latchkey`',
  'fetch-session': '`createAuthFetch`, `createSession` from `latchkey/fetch`',
  client: '`createAuthClient` from `latchkey`',
  main: 'every door for the Web platform, used',
};

async function bundlePrograms(name: string): Promise<ReadonlyMap<string, Bundled>> {
  const entries = Object.keys(programs);
  const all = await bundle(name, entries);
  for (const [index, { code }] of all.entries())
    sizes.note(fresh, programs[entries[index] ?? ''] ?? '', name, code);
  return new Map(all.map((one, index) => [entries[index] ?? '', one]));
}

const everything = Object.keys(marks).filter((part) => part !== 'store of files');
const shaken: Readonly<Record<string, readonly string[]>> = {
  parse: [],
  'parse-front': [],
  'fetch-session': ['zod', 'session', 'p-retry'],
  client: ['ky'],
};

describe.each(['esbuild', 'rollup', 'vite', 'webpack'])('%s', (name) => {
  let bundled: ReadonlyMap<string, Bundled>;
  beforeAll(async () => {
    bundled = await bundlePrograms(name);
  });

  it('bundles what is used without a warning', () => {
    expect([...bundled].flatMap(([entry, { warnings }]) => warnings.map((text) => [entry, text]))).toEqual(
      [],
    );
  });
  it('makes a bundle that does in a page what the package does', async () => {
    expect(await run(bundled.get('main')?.code ?? '', network())).toEqual(expected);
  });
  it('has everything in a bundle of everything', () => {
    expect(partsIn(bundled.get('main')?.code ?? '')).toEqual(everything);
  });
  it.each(Object.entries(shaken))('leaves out of %s what it does not use', (entry, parts) => {
    expect(partsIn(bundled.get(entry)?.code ?? '')).toEqual(parts);
  });
  it('bundles every export of every door for the Web platform without a warning', async () => {
    await holdsEveryExport(name);
  });
  it('bundles every export of every door for Node without a warning', async () => {
    const [{ code, warnings } = nothing] = await bundle(name, ['doors-node'], 'node');
    expect(warnings).toEqual([]);
    expect(JSON.parse(await runApart(code))).toEqual(JSON.parse(await installed('doors-node')));
  });
  it('bundles the store of files for Node, where it needs nothing beside itself', async () => {
    const [{ code, warnings } = nothing] = await bundle(name, ['file'], 'node');
    expect(warnings).toEqual([]);
    expect(await runApart(code)).toBe('signed-in a\n');
  });
  it('is heard when it warns', async () => {
    const [{ warnings } = nothing] = await bundle(name, ['wrong']);
    expect(warnings.join('\n')).toContain('createAuthClinet');
  });
});

// Metro leaves out nothing of a module: what a door costs is what its files hold.
describe('metro', () => {
  const name = 'metro';
  let bundled: ReadonlyMap<string, Bundled>;
  beforeAll(async () => {
    bundled = await bundlePrograms(name);
  });

  it('bundles what is used without a warning', () => {
    expect([...bundled].flatMap(([entry, { warnings }]) => warnings.map((text) => [entry, text]))).toEqual(
      [],
    );
  });
  it('bundles every export of every door for apps without a warning', async () => {
    await holdsEveryExport(name);
  });
  it('makes a bundle that does what the package does', async () => {
    expect(await run(bundled.get('main')?.code ?? '', network())).toEqual(expected);
  });
  it('puts nothing behind a door that other doors are for', () => {
    const parts = (entry: string) => partsIn(bundled.get(entry)?.code ?? '');
    expect(parts('main')).toEqual(everything);
    const core = ['zod', 'session', 'p-retry', 'explain'];
    expect(parts('fetch-session')).toEqual(core);
    expect(parts('client')).toEqual(['ky', ...core]);
  });
  it('is heard when it warns', async () => {
    const wrong = join(fresh, 'node_modules/wrong-exports');
    mkdirSync(wrong);
    writeFileSync(join(wrong, 'package.json'), '{"main":"main.js","exports":"./gone.js"}');
    writeFileSync(join(wrong, 'main.js'), '');
    const [{ warnings } = nothing] = await bundle(name, ['wrong-exports']);
    expect(warnings.join('\n')).toContain('wrong-exports');
  });
});
