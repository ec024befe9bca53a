import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Report } from '../../behaviour/case.ts';
import type { RuntimeName } from '../../behaviour/runtimes.ts';
import { cache } from '../places.ts';
import { installKits, type Kit, kit, type Line, missing, versionOf } from '../react-native/kits.ts';
import { bundle } from '../react-native/metro.ts';
import type { Runtime, Stage } from '../runtime.ts';

/** How an app asks for a door; Metro has another condition of `exports` for each. */
const formats = {
  ESM: (door: string) => `import * as door from '${door}';\nglobalThis.door = { ...door };\n`,
  CommonJS: (door: string) => `globalThis.door = require('${door}');\n`,
} as const;

/** Every door as Metro bundles it, read by the compiler that ships with a React Native: its parser is the phone's. */
function hermesc(name: RuntimeName, line: Line): Runtime {
  const of = kit(line, 'android');
  const version = () => versionOf(of, 'hermes-compiler');
  return {
    name,
    version,
    available: () =>
      missing(of, 'hermes-compiler') ?? (programOf() ? undefined : 'there is none for this machine'),
    async run({ pack, only }: Stage) {
      const failed: Report['failed'][number][] = [];
      let passed = 0;
      for (const { door, isForNode } of doorsOf(`${pack.app}node_modules/latchkey/`)) {
        for (const [format, code] of Object.entries(formats)) {
          const name = `${door} is ${isForNode ? 'refused, for it asks for Node' : 'compiled'}, as ${format}`;
          if (!name.includes(only)) continue;
          const error = await compile(of, `${pack.app}node_modules`, code(door)).then(
            () => '',
            ({ message }: Error) => message.slice(0, 2_000),
          );
          if (isForNode ? /Unable to resolve module node:/.test(error) : error === '') passed++;
          else failed.push({ name, error: error || 'it was compiled' });
        }
      }
      return { runtime: name, version: version(), passed, failed, skipped: [] };
    },
  };
}

/** Every door of the package that is installed there. */
function doorsOf(folder: string): { readonly door: string; readonly isForNode: boolean }[] {
  const { exports } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as {
    exports: Record<string, { readonly import: { readonly default: string } }>;
  };
  return Object.entries(exports)
    .filter(([path]) => !path.endsWith('.json'))
    .map(([path, { import: entry }]) => ({
      door: path.replace('.', 'latchkey'),
      isForNode: /from ?['"]node:/.test(readFileSync(folder + entry.default, 'utf8')),
    }));
}

async function compile(of: Kit, modules: string, code: string): Promise<void> {
  const folder = `${cache}hermes/`;
  mkdirSync(folder, { recursive: true });
  const [entry, out, binary] = [`${folder}door.js`, `${folder}bundle.js`, `${folder}bundle.hbc`];
  writeFileSync(entry, code);
  await bundle({ kit: of.folder, platform: of.platform, entry, modules, sources: [folder], out });
  const args = ['-emit-binary', '-O', '-Wno-undefined-variable', '-out', binary, out];
  execFileSync(`${of.folder}/node_modules/hermes-compiler/hermesc/${programOf()}`, args, { stdio: 'pipe' });
  if (statSync(binary).size < 1_000) throw new Error('hermesc wrote nothing');
}

function programOf(): string | undefined {
  if (process.platform === 'linux' && process.arch === 'x64') return 'linux64-bin/hermesc';
  return process.platform === 'darwin' ? 'osx-bin/hermesc' : undefined;
}

export const runtimes: readonly Runtime[] = [
  hermesc('hermesc-0.88', '0.88'),
  hermesc('hermesc-0.83', '0.83'),
];

export const install = (): void => installKits();
