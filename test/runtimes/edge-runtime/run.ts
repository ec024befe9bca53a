import { existsSync, readFileSync } from 'node:fs';
import type { Report } from '../../behaviour/case.ts';
import { bundle } from '../bundle.ts';
import type { Pack } from '../pack.ts';
import { installed } from '../places.ts';
import type { Runtime } from '../runtime.ts';

/** What is used here of a package that is installed for these runs only. */
interface EdgeVM {
  evaluate<T>(code: string): T;
}

const file = '@edge-runtime/vm/package.json';
const version = (): string =>
  (JSON.parse(readFileSync(installed(file), 'utf8')) as { version: string }).version;

/** As a framework builds for the Edge Runtime: one script, and nothing of Node in it. */
const script = (pack: Pack, entry: string, out: string, globalName: string): Promise<string> =>
  bundle(pack, {
    entry,
    out,
    format: 'iife',
    globalName,
    latchkey: { conditions: ['edge-light', 'worker', 'browser', 'import'] },
  });

/** The Edge Runtime's VM by itself: no vitest, which would lend it what Node has. */
export const runtimes: readonly Runtime[] = [
  {
    name: 'edge-runtime',
    version,
    available: () => (existsSync(installed(file)) ? undefined : 'it is not installed'),
    async run({ pack, server, only }) {
      const { EdgeVM } = (await import(installed('@edge-runtime/vm/dist/index.js'))) as {
        EdgeVM: new () => EdgeVM;
      };
      const before = await script(pack, '../behaviour/before.ts', 'edge-before.js', 'before');
      const suite = await script(pack, 'edge-runtime/entry.ts', 'edge.js', 'suite');
      const vm = new EdgeVM();
      vm.evaluate(readFileSync(before, 'utf8'));
      vm.evaluate(readFileSync(suite, 'utf8'));
      const given = [server.control, only, version()].map((text) => JSON.stringify(text));
      return JSON.parse(await vm.evaluate<Promise<string>>(`suite.run(${given})`)) as Report;
    },
  },
];
