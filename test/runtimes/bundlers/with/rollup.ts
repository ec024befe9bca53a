import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { rollup } from 'rollup';
import type { Bundler } from './bundler.ts';

export const bundle: Bundler = async ({ folder, entry, platform }) => {
  const warnings: string[] = [];
  const node = platform === 'node';
  const built = await rollup({
    input: `${folder}/${entry}`,
    plugins: [
      nodeResolve(node ? { exportConditions: ['node'], preferBuiltins: true } : { browser: true }),
      commonjs(),
      terser(),
    ],
    ...(node ? { external: /^node:/ } : {}),
    onLog: (_level, { message }) => warnings.push(message),
  });
  const { output } = await built.generate({ format: node ? 'es' : 'iife' });
  await built.close();
  if (output.length > 1) warnings.push(`${output.length} files`);
  return { code: output[0].code, warnings };
};
