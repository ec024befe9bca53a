import { readFile } from 'node:fs/promises';
import webpack from 'webpack';
import type { Bundler } from './bundler.ts';

export const bundle: Bundler = async ({ folder, entry, into, platform }) => {
  const compiler = webpack({
    mode: 'production',
    context: folder,
    entry: `./${entry}`,
    // No app has every export: webpack would say that this is a lot (244 KiB). Of all other programs it may.
    ...(entry === 'app/doors.js' ? { performance: false as const } : {}),
    target: platform === 'node' ? 'node22' : 'web',
    output: { path: into, filename: 'out.js', ...(platform === 'node' ? { module: true } : {}) },
    ...(platform === 'node' ? { experiments: { outputModule: true } } : {}),
  });
  const stats = await new Promise<webpack.Stats>((resolve, reject) =>
    compiler.run((error, done) => (done ? resolve(done) : reject(error))),
  );
  await new Promise((closed) => compiler.close(closed));
  const { errors = [], warnings = [] } = stats.toJson({ all: false, errors: true, warnings: true });
  const said = [...errors, ...warnings].map(({ message }) => message);
  return { code: errors.length > 0 ? '' : await readFile(`${into}/out.js`, 'utf8'), warnings: said };
};
