import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Report } from '../../behaviour/case.ts';
import { exceptionFor } from '../../behaviour/exceptions.ts';
import type { RuntimeName } from '../../behaviour/runtimes.ts';
import { cache } from '../places.ts';
import { type Kit, kit, type Line, missing, versionOf } from '../react-native/kits.ts';
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
    packages: of.folder,
    version,
    available: () =>
      missing(of, 'hermes-compiler') ?? (programOf() ? undefined : 'there is none for this machine'),
    async run({ pack, only }: Stage) {
      const report = {
        passed: 0,
        failed: [] as Report['failed'][number][],
        skipped: [] as Report['skipped'][number][],
      };
      for (const door of doorsOf(`${pack.app}node_modules/latchkey/`)) {
        for (const [format, code] of Object.entries(formats)) {
          const one = { name: `${door} is compiled, as ${format}` };
          if (!one.name.includes(only)) continue;
          const reason = exceptionFor(name, { name: door })?.reason;
          if (reason !== undefined) {
            report.skipped.push({ ...one, reason });
            continue;
          }
          await compile(of, `${pack.app}node_modules`, code(door)).then(
            () => report.passed++,
            (error: Error) => report.failed.push({ ...one, error: error.message.slice(0, 2_000) }),
          );
        }
      }
      return { runtime: name, version: version(), ...report };
    },
  };
}

function doorsOf(folder: string): string[] {
  const { exports } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as { exports: object };
  return Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => path.replace('.', 'latchkey'));
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
