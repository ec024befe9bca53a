import { installed } from '../places.ts';
import type { Runtime } from '../runtime.ts';
import { processRuntime } from './processes.ts';

const machine = `${process.platform}-${process.arch}`;
const known = ['linux-x64', 'linux-arm64'].includes(machine);

const node = (major: 22 | 24 | 26, format: 'esm' | 'cjs'): Runtime =>
  processRuntime({
    name: format === 'esm' ? `node-${major}` : `node-${major}-cjs`,
    program: known ? installed(`node${major}-${machine}/bin/node`) : undefined,
    format,
    args: (before, main) => [format === 'esm' ? `--import=${before}` : `--require=${before}`, main],
    version: (output) => output.replace(/^v/, ''),
  });

export const runtimes: readonly Runtime[] = ([22, 24, 26] as const).flatMap((major) => [
  node(major, 'esm'),
  node(major, 'cjs'),
]);
