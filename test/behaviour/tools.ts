import { customStore, type TokenStore } from 'latchkey/fetch';
import type { Tools } from './case.ts';
import { expect } from './expect.ts';
import type { RuntimeName } from './runtimes.ts';
import { connect } from './server.ts';

export interface Setup {
  readonly runtime: RuntimeName;
  /** The control origin of `test/runtimes/server.ts`. */
  readonly control: string;
  /** @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch;
  /** The store of this platform; called again for another handle of a place. @default texts in memory */
  readonly store?: (place: string) => TokenStore;
}

/** What cases are given, of what a runtime has. */
export async function toolsFor(setup: Setup): Promise<Tools> {
  const fetch = setup.fetch ?? globalThis.fetch.bind(globalThis);
  return {
    runtime: setup.runtime,
    fetch,
    server: await connect(fetch, setup.control),
    expect,
    store: setup.store ?? textsInMemory(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

function textsInMemory(): (place: string) => TokenStore {
  const texts = new Map<string, string>();
  return (place) =>
    customStore({ read: () => texts.get(place), write: (text) => void texts.set(place, text) });
}
