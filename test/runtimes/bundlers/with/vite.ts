import { build, createLogger } from 'vite';
import type { Bundler } from './bundler.ts';

export const bundle: Bundler = async ({ folder, entry, platform }) => {
  const warnings: string[] = [];
  const log = createLogger('warn');
  const note = (message: string) => void warnings.push(message);
  const built = await build({
    root: folder,
    configFile: false,
    logLevel: 'warn',
    customLogger: { ...log, info: () => {}, warn: note, warnOnce: note, error: note },
    ...(platform === 'node' ? { ssr: { noExternal: true as const } } : {}),
    build: {
      write: false,
      minify: true,
      ...(platform === 'node' ? { ssr: entry } : {}),
      rolldownOptions: { input: `${folder}/${entry}`, onLog: (_level, { message }) => note(message) },
    },
  });
  if (!('output' in built)) throw new Error('not one build');
  if (built.output.length > 1) warnings.push(`${built.output.length} files`);
  return { code: built.output[0].code, warnings };
};
