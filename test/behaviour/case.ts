import type { TokenStore } from 'latchkey/fetch';
import type { Expect } from './expect.ts';
import type { Feature } from './features.ts';
import type { RuntimeName } from './runtimes.ts';
import type { Server } from './server.ts';

/** One sentence about latchkey that holds in every runtime, or is listed in exceptions.ts. */
export interface Case {
  readonly name: string;
  readonly group: string;
  /** What the platform must have; a runtime that lacks it is listed in exceptions.ts. */
  readonly needs?: readonly Feature[];
  run(t: Tools): Promise<void>;
}

/** What a runtime gives a case. */
export interface Tools {
  readonly runtime: RuntimeName;
  /** The platform's own. */
  readonly fetch: typeof globalThis.fetch;
  readonly server: Server;
  readonly expect: Expect;
  /** Another handle of a place that outlives a page or a process: the store that is meant for this platform. */
  store(place: string): TokenStore;
  sleep(ms: number): Promise<void>;
}

/** What one run tells; JSON. */
export interface Report {
  readonly runtime: string;
  readonly version: string;
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly error: string }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}
