import { existsSync, readFileSync } from 'node:fs';
import { bundle } from '../bundle.ts';
import type { Pack } from '../pack.ts';
import { installed } from '../places.ts';

/** What is used here of a package that is installed for these runs only. */
interface Miniflare {
  readonly ready: Promise<URL>;
  dispatchFetch(url: string): Promise<Response>;
  dispose(): Promise<void>;
}

/** What a worker is started with. */
export interface WorkerOptions {
  /** Texts that it finds in its environment. */
  readonly bindings?: Readonly<Record<string, string>>;
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
}

/** A worker in workerd, as Miniflare starts it: no vitest, which would run the module's own scope inside a request. */
export interface Worker {
  /** The response's status and text; an error where the request hung, or its worker broke down. */
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
  /** Where it listens. */
  readonly url: URL;
  dispose(): Promise<void>;
}

const DATE = '2026-07-01';

export const available = (): string | undefined =>
  existsSync(installed('miniflare/package.json')) ? undefined : 'it is not installed';

export function version(): string {
  const { version } = JSON.parse(readFileSync(installed('workerd/package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/** The entry as one module, in which `latchkey` is the installed package, resolved as wrangler would. */
export const bundled = (pack: Pack, entry: string, out: string): Promise<string> =>
  bundle(pack, {
    entry,
    out: `${out}.mjs`,
    format: 'esm',
    latchkey: { conditions: ['workerd', 'worker', 'browser', 'import'] },
    external: ['cloudflare:workers'],
  });

/** The last of the files is the worker; those before it are loaded first. */
export async function start(files: readonly string[], options: WorkerOptions = {}): Promise<Worker> {
  const { Miniflare } = (await import(installed('miniflare/dist/src/index.js'))) as {
    Miniflare: new (options: object) => Miniflare;
  };
  const main = `${files.map((_, n) => `import './${n}.mjs';`).join('')} export { default } from './${files.length - 1}.mjs';`;
  const module = (path: string, contents: string) => ({ type: 'ESModule', path, contents });
  const miniflare = new Miniflare({
    modules: [
      module('main.mjs', main),
      ...files.map((file, n) => module(`${n}.mjs`, readFileSync(file, 'utf8'))),
    ],
    compatibilityDate: options.compatibilityDate ?? DATE,
    compatibilityFlags: [...(options.compatibilityFlags ?? [])],
    bindings: { ...options.bindings },
    kvNamespaces: ['KV'],
  });
  const url = await miniflare.ready.catch(async (error: unknown) => {
    await miniflare.dispose();
    throw error;
  });
  return {
    url,
    get(path) {
      const answer = miniflare
        .dispatchFetch(`http://worker.example/${path}`)
        .then(async (response) => ({ status: response.status, text: await response.text() }));
      // one that hangs may be left to the end of the worker
      answer.catch(() => {});
      return answer;
    },
    dispose: () => miniflare.dispose(),
  };
}
