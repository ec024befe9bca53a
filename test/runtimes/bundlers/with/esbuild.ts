import { build } from 'esbuild';
import type { Bundler } from './bundler.ts';

export const bundle: Bundler = async ({ folder, entry, platform }) => {
  const { outputFiles, warnings } = await build({
    absWorkingDir: folder,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    platform,
    format: platform === 'node' ? 'esm' : 'iife',
    logLevel: 'silent',
  });
  return { code: outputFiles[0]?.text ?? '', warnings: warnings.map(({ text }) => text) };
};
