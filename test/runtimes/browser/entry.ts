import { webStore } from 'latchkey/stores/web';
import { type Report, type RuntimeName, runCases, toolsFor } from '../../behaviour/index.ts';

/** What the runner tells its page. */
export interface PageSetup {
  readonly runtime: RuntimeName;
  readonly version: string;
  readonly control: string;
  readonly only: string;
}

/** What a page runs: the store of browsers is IndexedDB with Web Locks. */
export async function run({ runtime, version, control, only }: PageSetup): Promise<Report> {
  return runCases(await toolsFor({ runtime, control, store: webStore }), { version, only });
}
