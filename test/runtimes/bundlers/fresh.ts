import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';
import { sizes } from './sizes.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

/** Doors that need the built-ins of Node. */
const nodeOnly: readonly string[] = ['./stores/file'];

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder that the packed package is installed in. */
    fresh: string;
  }
}

/** Packs latchkey and installs it in a folder where there is nothing else; the programs of app/ are put beside it. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-packed-'));
  const npm = (...args: string[]) =>
    execFileSync('npm', [...args, '--silent', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  npm('pack', root, '--pack-destination', folder);
  const packed = readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? '';
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  npm('install', '--prefer-offline', `./${packed}`);
  cpSync(join(here, 'app'), join(folder, 'app'), { recursive: true });
  cpSync(join(here, 'network.ts'), join(folder, 'app/network.ts'));
  // The same program as CommonJS.
  const use = join(folder, 'app/use');
  await build({ entryPoints: [`${use}.js`], outfile: `${use}.cjs`, format: 'cjs' });
  writeFileSync(
    join(folder, 'app/doors.js'),
    doorsOf(folder, (door) => !nodeOnly.includes(door)),
  );
  writeFileSync(
    join(folder, 'app/doors-node.js'),
    doorsOf(folder, () => true),
  );
  project.provide('fresh', folder);
  return () => {
    console.log(sizes.table(folder));
    rmSync(folder, { recursive: true });
  };
}

/** A program that has every export of these doors, and tells their names. */
function doorsOf(folder: string, wanted: (door: string) => boolean): string {
  const manifest = readFileSync(join(folder, 'node_modules/latchkey/package.json'), 'utf8');
  const { exports } = JSON.parse(manifest) as { exports: object };
  const doors = Object.keys(exports).filter((door) => door !== './package.json' && wanted(door));
  const names = doors.map((door, i) => `${JSON.stringify(door)}: Object.keys(door${i}).sort()`);
  return [
    ...doors.map((door, i) => `import * as door${i} from '${door.replace('.', 'latchkey')}';`),
    `globalThis.__used = { ${names.join(', ')} };`,
    'if (typeof process === "object") console.log(JSON.stringify(globalThis.__used));',
  ].join('\n');
}
