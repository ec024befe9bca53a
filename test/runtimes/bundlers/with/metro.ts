import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getDefaultConfig, mergeConfig } from '@react-native/metro-config';
import Metro from 'metro';
import type { Bundler } from './bundler.ts';

const require = createRequire(import.meta.url);
const ours = fileURLToPath(new URL('../node_modules', import.meta.url));

export const bundle: Bundler = async ({ folder, entry, into }) => {
  const warnings: string[] = [];
  const config = mergeConfig(getDefaultConfig(folder), {
    projectRoot: folder,
    watchFolders: [folder, ours],
    maxWorkers: 1,
    cacheStores: ({ FileStore }) => [new FileStore({ root: join(dirname(into), 'metro-cache') })],
    resolver: {
      extraNodeModules: { '@babel/runtime': dirname(require.resolve('@babel/runtime/package.json')) },
    },
    transformer: { babelTransformerPath: require.resolve('@react-native/metro-babel-transformer') },
    // React Native itself, which needs a native side, is not in this bundle: only its configuration is.
    serializer: { getModulesRunBeforeMainModule: () => [] },
    reporter: {
      update: (event: { type: string }) => {
        if (/warn|error|log|failed/.test(event.type)) warnings.push(JSON.stringify(event));
      },
    },
  });
  const { code } = await Metro.runBuild(config, {
    entry: `${folder}/${entry}`,
    platform: 'android',
    dev: false,
    minify: true,
  });
  return { code, warnings };
};
