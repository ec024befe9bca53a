import { processRuntime } from '../node/processes.ts';
import { installed } from '../places.ts';
import type { Runtime } from '../runtime.ts';

const machine = `${process.platform}-${process.arch.replace('arm64', 'aarch64')}`;
const known = ['linux-x64', 'linux-aarch64', 'darwin-aarch64'].includes(machine);

export const runtimes: readonly Runtime[] = [
  processRuntime({
    name: 'bun',
    program: known ? installed(`@oven/bun-${machine}/bin/bun`) : undefined,
    format: 'esm',
    args: (before, main) => ['--preload', before, main],
    version: (output) => output,
  }),
];
