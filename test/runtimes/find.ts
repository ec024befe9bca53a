import { existsSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type RuntimeName, runtimeNames } from '../behaviour/runtimes.ts';
import { here } from './places.ts';
import type { Runtime } from './runtime.ts';

/** What `test/runtimes/NAME/run.ts` exports. */
interface Runner {
  readonly runtimes: readonly Runtime[];
  /** Gets what npm cannot: called with `--install` where one of them is not available. */
  readonly install?: () => void | Promise<void>;
}

export interface Found {
  /** Those that are wanted, in the order of behaviour/runtimes.ts. */
  readonly runtimes: readonly Runtime[];
  readonly install: () => Promise<void>;
  /** Those that nothing runs. */
  readonly absent: readonly RuntimeName[];
}

/** `wanted`: the beginnings of their names; none: all of them. */
export async function findRuntimes(wanted: readonly string[]): Promise<Found> {
  const runners: Runner[] = [];
  for (const folder of readdirSync(here).sort()) {
    const file = `${here}${folder}/run.ts`;
    if (!existsSync(file)) continue;
    const runner = (await import(pathToFileURL(file).href)) as Partial<Runner>;
    // test/runtimes/bundlers runs something else
    if (runner.runtimes) runners.push(runner as Runner);
  }
  const isWanted = (name: string) => wanted.length === 0 || wanted.some((of) => name.startsWith(of));
  const names = runtimeNames.filter(isWanted);
  for (const of of wanted) {
    if (!names.some((name) => name.startsWith(of))) throw new Error(`There is no runtime ${of}`);
  }
  const all = runners.flatMap((runner) => runner.runtimes);
  const chosen = names.flatMap((name) => all.find((runtime) => runtime.name === name) ?? []);
  return {
    runtimes: chosen,
    async install() {
      for (const runner of runners) {
        const isMissing = runner.runtimes.some((of) => isWanted(of.name) && of.available() !== undefined);
        if (isMissing) await runner.install?.();
      }
    },
    absent: names.filter((name) => !chosen.some((runtime) => runtime.name === name)),
  };
}
