import { processRuntime } from '../node/processes.ts';
import { installed } from '../places.ts';
import type { Runtime } from '../runtime.ts';

const machine = `${process.platform}-${process.arch}`;
const known: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64-glibc',
  'linux-arm64': 'linux-arm64-glibc',
  'darwin-arm64': 'darwin-arm64',
};
const folder = known[machine];

export const runtimes: readonly Runtime[] = [
  processRuntime({
    name: 'deno',
    program: folder && installed(`@deno/${folder}/deno`),
    format: 'esm',
    args: (before, main) => [
      'run',
      '-A',
      '--no-config',
      '--node-modules-dir=manual',
      '--preload',
      before,
      main,
    ],
    version: (output) => /^deno (\S+)/.exec(output)?.[1] ?? output,
  }),
];
