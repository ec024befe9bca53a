import { join } from 'node:path';
import { build } from 'esbuild';
import type { Pack } from './pack.ts';
import { here } from './places.ts';

export interface BundleOptions {
  /** Below `test/runtimes`; it imports the suite from '../../behaviour/index.ts'. */
  readonly entry: string;
  /** Below the app. */
  readonly out: string;
  readonly format: 'esm' | 'cjs' | 'iife';
  /** latchkey is left to the runtime's own resolution, or taken in under these conditions of `exports`. */
  readonly latchkey: 'external' | { readonly conditions: readonly string[] };
  readonly platform?: 'node' | 'browser' | 'neutral';
  readonly target?: string;
  readonly globalName?: string;
  /** What the runtime itself has, besides Node's own. */
  readonly external?: readonly string[];
}

/** The suite and an entry as one file in the app, where `latchkey` is the installed package. */
export async function bundle(pack: Pack, options: BundleOptions): Promise<string> {
  const { entry, out, format, latchkey, platform = 'neutral', target = 'es2022', globalName } = options;
  const { external = [] } = options;
  const outfile = `${pack.app}${out}`;
  const { warnings } = await build({
    entryPoints: [join(here, entry)],
    outfile,
    bundle: true,
    format,
    platform,
    target,
    ...(globalName === undefined ? {} : { globalName }),
    ...(latchkey === 'external'
      ? { external: ['latchkey', 'latchkey/*', 'latchkey-copy', 'node:*', ...external] }
      : {
          external: [...external],
          conditions: [...latchkey.conditions],
          mainFields: ['browser', 'module', 'main'],
        }),
    nodePaths: [`${pack.app}node_modules`],
    // not what self-reference would find: the built package of the root
    plugins: [installedLatchkey(pack, latchkey === 'external')],
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(`${entry}: ${warnings.map(({ text }) => text).join('; ')}`);
  return outfile;
}

function installedLatchkey(pack: Pack, external: boolean): import('esbuild').Plugin {
  return {
    name: 'installed-latchkey',
    setup(context) {
      context.onResolve({ filter: /^latchkey(-copy)?(\/|$)/ }, ({ path, kind, pluginData }) => {
        if (external) return { path, external: true };
        if (pluginData === 'installed') return undefined;
        return context.resolve(path, { resolveDir: pack.app, kind, pluginData: 'installed' });
      });
    },
  };
}
