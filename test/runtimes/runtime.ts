import type { Report } from '../behaviour/case.ts';
import type { RuntimeName } from '../behaviour/runtimes.ts';
import type { Pack } from './pack.ts';
import type { TestServer } from './server.ts';

/** What a run is given: the package as it would be published, installed, and the server. */
export interface Stage {
  readonly pack: Pack;
  readonly server: TestServer;
  /** Only the cases whose group or name contains this. */
  readonly only: string;
}

/** One runtime: `test/runtimes/NAME/run.ts` exports `runtimes`, a list of them, and `install` where npm is not enough. */
export interface Runtime {
  readonly name: RuntimeName;
  version(): string;
  /** Why it is not available on this machine; undefined: it is. */
  available(): string | undefined;
  run(stage: Stage): Promise<Report>;
}
