import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { RuntimeName } from '../../behaviour/runtimes.ts';
import { bundle } from '../bundle.ts';
import { reportOf } from '../child.ts';
import type { Runtime } from '../runtime.ts';

export interface ProcessOptions {
  readonly name: RuntimeName;
  /** The program, of a package of `test/runtimes/package.json`. */
  readonly program: string | undefined;
  readonly format: 'esm' | 'cjs';
  /** The arguments that load one file first, and then run another. */
  readonly args: (before: string, main: string) => readonly string[];
  readonly version: (output: string) => string;
}

/** A runtime that is a program: it resolves `latchkey` in the app by itself. */
export function processRuntime({ name, program, format, args, version }: ProcessOptions): Runtime {
  const told = () => version(execFileSync(program ?? '', ['--version'], { encoding: 'utf8' }).trim());
  return {
    name,
    version: told,
    available: () =>
      program === undefined
        ? `there is none for ${process.platform} ${process.arch}`
        : existsSync(program)
          ? undefined
          : 'it is not installed',
    async run({ pack, server, only }) {
      const end = format === 'esm' ? 'mjs' : 'cjs';
      const shared = { format, latchkey: 'external', platform: 'node' } as const;
      const before = await bundle(pack, { ...shared, entry: '../behaviour/before.ts', out: `before.${end}` });
      const main = await bundle(pack, { ...shared, entry: 'node/entry.ts', out: `node.${end}` });
      const env = { RUNTIME: name, CONTROL: server.control, ONLY: only, VERSION: told() };
      return reportOf(program ?? '', args(before, main), { cwd: pack.app, env });
    },
  };
}
