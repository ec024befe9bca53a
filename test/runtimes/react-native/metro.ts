import { createRequire } from 'node:module';
import { join } from 'node:path';

export type Platform = 'android' | 'ios';

/** What is bundled: an app's entry, and where it finds the packages that are not React Native's. */
export interface App {
  /** The folder of a React Native, with its `node_modules`. */
  readonly kit: string;
  readonly platform: Platform;
  readonly entry: string;
  /** The `node_modules` that hold the package under test. */
  readonly modules: string;
  /** Where else its files are. */
  readonly sources: readonly string[];
  readonly out: string;
}

interface Metro {
  runBuild(config: object, options: object): Promise<unknown>;
}
interface MetroConfig {
  getDefaultConfig(root: string): { transformer: object; resolver: object };
  mergeConfig(...configs: object[]): Promise<object> | object;
}
interface MetroCache {
  readonly FileStore: new (options: { root: string }) => object;
}
interface Context {
  resolveRequest(context: Context, name: string, platform: string | null): unknown;
}

/** Bundles as an app's release build does: React Native's configuration of Metro, as it comes. */
export async function bundle({ kit, platform, entry, modules, sources, out }: App): Promise<void> {
  const require = createRequire(join(kit, 'package.json'));
  const metro = require('metro') as Metro;
  const { getDefaultConfig, mergeConfig } = require('@react-native/metro-config') as MetroConfig;
  const { FileStore } = require('metro-cache') as MetroCache;
  const config = await mergeConfig(getDefaultConfig(kit), {
    watchFolders: [kit, modules, ...sources],
    maxWorkers: 2,
    cacheStores: [new FileStore({ root: join(kit, 'node_modules', '.cache', 'metro') })],
    reporter: { update() {} },
    resolver: {
      nodeModulesPaths: [modules, join(kit, 'node_modules')],
      disableHierarchicalLookup: false,
      // TypeScript spells the names of what it compiles to
      resolveRequest: (context: Context, name: string, on: string | null) =>
        context.resolveRequest(context, name.replace(/^(\.{1,2}\/.*)\.[jt]s$/, '$1'), on),
    },
  });
  await metro.runBuild(config, {
    entry,
    platform,
    dev: false,
    minify: false,
    out,
    unstable_transformProfile: 'hermes-stable',
  });
}
